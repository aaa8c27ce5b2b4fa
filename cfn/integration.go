package cfn

import (
	"fmt"
	"time"

	"bailey/cloud"
	"bailey/source"
)

var restIntegrationKeys = []string{"CacheKeyParameters", "CacheNamespace", "ConnectionId", "ConnectionType", "ContentHandling", "Credentials",
	"IntegrationHttpMethod", "IntegrationResponses", "IntegrationTarget", "PassthroughBehavior", "RequestParameters", "RequestTemplates",
	"ResponseTransferMode", "TimeoutInMillis", "Type", "Uri"}

// restIntegration. The default timeout is 29 seconds; a longer one needs a
// quota of its own. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-apigateway-method-integration.html
func (l *loader) restIntegration(o object, meta cloud.Meta) *cloud.Integration {
	meta.At = o.at
	i := &cloud.Integration{Meta: meta, Method: o.text("IntegrationHttpMethod", cloud.Known("")).Or(""), Credentials: o.text("Credentials", cloud.Known("")).Or(""),
		Timeout: time.Duration(o.number("TimeoutInMillis", 29000, 50, 900000).Or(29000)) * time.Millisecond, VPCLink: o.text("ConnectionId", cloud.Known("")).Or(""),
		Params: o.stringMap("RequestParameters"), Templates: o.stringMap("RequestTemplates"), Binary: o.text("ContentHandling", cloud.Known("")).Or(""),
		Passthrough: o.text("PassthroughBehavior", cloud.Known("WHEN_NO_MATCH")).Or("WHEN_NO_MATCH"),
		CacheKeys:   o.texts("CacheKeyParameters").Or(nil), CacheNamespace: o.text("CacheNamespace", cloud.Known("")).Or("")}
	for _, c := range o.children("IntegrationResponses", "ContentHandling", "ResponseParameters", "ResponseTemplates", "SelectionPattern", "StatusCode") {
		i.Responses = append(i.Responses, cloud.IntegrationResponse{Status: c.text("StatusCode", cloud.Known("")).Or(""), Selection: c.text("SelectionPattern", cloud.Known("")).Or(""),
			Params: c.stringMap("ResponseParameters"), Templates: c.stringMap("ResponseTemplates"), Binary: c.text("ContentHandling", cloud.Known("")).Or("")})
	}
	l.standsBehind(o, i, o.text("Type", cloud.Known("")).Or(""), "Uri")
	o.checkInvocation(i)
	return i
}

// standsBehind reads what an integration's address stands for.
func (l *loader) standsBehind(o object, i *cloud.Integration, kind, key string) {
	uri := o.text(key, cloud.Known(""))
	_, lambda := cloud.InvokedBy(uri.Or(""))
	switch {
	case kind == "MOCK":
		i.Kind = cloud.Mock
	case kind == "HTTP_PROXY":
		i.Kind, i.URL = cloud.HTTPProxy, uri
	case kind == "HTTP":
		i.Kind, i.URL = cloud.HTTPCustom, uri
	case kind == "AWS_PROXY":
		i.Kind, i.Function = cloud.LambdaProxy, o.invocation(key)
	case kind == "AWS" && lambda:
		i.Kind, i.Function = cloud.LambdaCustom, o.invocation(key)
	case kind == "AWS":
		i.Kind, i.Service = cloud.ServiceCall, uri.Or("")
	default:
		n, _ := o.get("Type")
		o.bad("Type", n, fmt.Sprintf("%q is none of AWS_PROXY, AWS, HTTP_PROXY, HTTP, MOCK", kind))
	}
}

// invocation reads the address by which API Gateway invokes a function:
// arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html
func (o object) invocation(key string) cloud.Value[cloud.ARN] {
	return valueOf(o, key, "an address", cloud.Known(cloud.ARN{}), func(n source.Node) (cloud.ARN, error) {
		if arn, ok := cloud.InvokedBy(n.Text); ok {
			return cloud.ParseARN(arn)
		}
		return cloud.ARN{}, fmt.Errorf("%q does not invoke a function: write arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations", n.Text)
	})
}
