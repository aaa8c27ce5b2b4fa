package cfn

import (
	"fmt"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// invocationRows are the types around a function that decide who may invoke
// it, by which name, and what becomes of it.
func invocationRows() []*row {
	return []*row{
		{Type: "AWS::Lambda::Version", read: readVersion, ref: versionARN,
			properties: "CodeSha256 Description !FunctionName FunctionScalingConfig ProvisionedConcurrencyConfig RuntimePolicy",
			atts:       attributes{"FunctionArn": versionARN, "Version": func(l *loader, r *resource) source.Node { return l.text(l.versionNumber(r), r.At) }}},
		{Type: "AWS::Lambda::Alias", read: readAlias, ref: aliasARN,
			properties: "Description !FunctionName !FunctionVersion !Name ProvisionedConcurrencyConfig RoutingConfig",
			atts:       attributes{"AliasArn": aliasARN}},
		{Type: "AWS::Lambda::Permission", read: readPermission, atts: attributes{"Id": generatedRef},
			properties: "!Action EventSourceToken !FunctionName FunctionUrlAuthType InvokedViaFunctionUrl !Principal PrincipalOrgID SourceAccount SourceArn"},
		{Type: "AWS::Lambda::Url", read: readFunctionURL, ref: targetARN("TargetFunctionArn", "Qualifier"),
			properties: "!AuthType Cors InvokeMode Qualifier !TargetFunctionArn",
			atts: attributes{"FunctionArn": targetARN("TargetFunctionArn", "Qualifier"),
				"FunctionUrl": func(l *loader, r *resource) source.Node { return l.text("https://"+l.urlHost(r)+"/", r.At) }}},
		{Type: "AWS::Lambda::EventInvokeConfig", read: readEventInvokeConfig,
			properties: "DestinationConfig !FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts !Qualifier"},
	}
}

func generatedRef(l *loader, r *resource) source.Node { return l.text(l.generated(r, 255), r.At) }

// home is the stack's own place, where a bare name of a function belongs.
func (l *loader) home() cloud.ARN { return l.arn("", "") }

// function reads a property that names a function: a name, a partial ARN or an
// ARN, each with or without a qualifier.
func (o object) function(key string) cloud.Value[cloud.ARN] {
	return valueOf(o, key, "a function's name or ARN", cloud.Known(cloud.ARN{}), func(n source.Node) (cloud.ARN, error) {
		return cloud.FunctionARN(n.Text, o.l.home()), nil
	})
}

// targetARN is a Ref that gives the ARN of the function in key, with the
// qualifier that stands in another property.
func targetARN(key, qualifier string) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node {
		name, q := l.prop(r, key), l.prop(r, qualifier)
		for _, n := range []source.Node{name, q} {
			if n.Kind == source.Unknown {
				return n
			}
		}
		return l.text(cloud.FunctionARN(name.Text, l.home()).Qualified(q.Text).String(), r.At)
	}
}

func aliasARN(l *loader, r *resource) source.Node { return targetARN("FunctionName", "Name")(l, r) }

func versionARN(l *loader, r *resource) source.Node {
	name := l.prop(r, "FunctionName")
	if name.Kind == source.Unknown {
		return name
	}
	return l.text(cloud.FunctionARN(name.Text, l.home()).Qualified(l.versionNumber(r)).String(), r.At)
}

// versionNumber is what AWS numbers a version where the stack is made new: it
// is the n-th version of its function in the template.
func (l *loader) versionNumber(r *resource) string {
	n, own := 0, l.prop(r, "FunctionName").Text
	for _, o := range l.resources {
		if o.row == r.row && l.exists(o) && l.prop(o, "FunctionName").Text == own {
			n++
		}
		if o == r {
			break
		}
	}
	return strconv.Itoa(n)
}

func provisioned(o object) int {
	if c, ok := o.child("ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"); ok {
		return c.number("ProvisionedConcurrentExecutions", 0, 0, 1_000_000).Or(0)
	}
	return 0
}

func readVersion(l *loader, r *resource) {
	o := l.object(r)
	l.spec.Versions = append(l.spec.Versions, cloud.Version{Meta: r.Meta, Function: o.function("FunctionName"),
		Number: l.versionNumber(r), Provisioned: provisioned(o)})
}

// readAlias. Its weights are shares of the other version; the rest goes to
// FunctionVersion.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-alias.html
func readAlias(l *loader, r *resource) {
	o := l.object(r)
	a := cloud.Alias{Meta: r.Meta, Function: o.function("FunctionName"), AliasName: o.known("Name"),
		Version: o.text("FunctionVersion", cloud.Known("")), Provisioned: provisioned(o)}
	if routing, ok := o.child("RoutingConfig", "AdditionalVersionWeights"); ok {
		for _, w := range routing.children("AdditionalVersionWeights", "FunctionVersion", "FunctionWeight") {
			a.Weights = append(a.Weights, cloud.VersionWeight{Version: w.text("FunctionVersion", cloud.Known("")), Weight: w.share("FunctionWeight"), At: w.at})
		}
	}
	l.spec.Aliases = append(l.spec.Aliases, a)
}

// share reads a number from 0 to 1.
func (o object) share(key string) cloud.Value[float64] {
	return valueOf(o, key, "a number", cloud.Known(0.0), func(n source.Node) (float64, error) {
		f, err := strconv.ParseFloat(n.Text, 64)
		if err != nil || f < 0 || f > 1 {
			return 0, fmt.Errorf("%q is not a number from 0 to 1", n.Text)
		}
		return f, nil
	})
}

// readPermission. The principal is a service, an account, an ARN or *.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-permission.html
func readPermission(l *loader, r *resource) {
	o := l.object(r)
	none := cloud.Known("")
	l.spec.Permissions = append(l.spec.Permissions, cloud.Permission{
		Meta: r.Meta, Function: o.stated().function("FunctionName"), Action: o.text("Action", none), Principal: o.text("Principal", none),
		SourceARN: o.text("SourceArn", none), SourceAccount: o.text("SourceAccount", none), OrgID: o.text("PrincipalOrgID", none),
		EventSourceToken: o.text("EventSourceToken", none), URLAuth: o.oneOf("FunctionUrlAuthType", "", "NONE", "AWS_IAM"),
		ViaURL: o.flag("InvokedViaFunctionUrl", false),
	})
}

// oneOf reads text that must be one of a few words.
func (o object) oneOf(key, absent string, words ...string) cloud.Value[string] {
	return valueOf(o, key, "text", cloud.Known(absent), func(n source.Node) (string, error) {
		for _, w := range words {
			if n.Text == w {
				return w, nil
			}
		}
		return "", fmt.Errorf("%q is none of %s", n.Text, strings.Join(words, ", "))
	})
}

// urlHost makes up the name that AWS would make up for a function URL.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
func (l *loader) urlHost(r *resource) string {
	return strings.ReplaceAll(l.uuid(r.Name), "-", "") + ".lambda-url." + l.spec.Region + ".on.aws"
}

// readFunctionURL. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-url.html
func readFunctionURL(l *loader, r *resource) {
	o := l.object(r)
	u := cloud.FunctionURL{Meta: r.Meta, Function: o.function("TargetFunctionArn"), Host: l.urlHost(r),
		Auth: o.oneOf("AuthType", "", "NONE", "AWS_IAM"), Stream: o.oneOf("InvokeMode", "BUFFERED", "BUFFERED", "RESPONSE_STREAM").Or("") == "RESPONSE_STREAM"}
	if q := o.known("Qualifier"); q != "" {
		if arn, known := u.Function.Get(); known {
			u.Function = cloud.Known(arn.Qualified(q))
		}
	}
	if c, ok := o.child("Cors", "AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge"); ok {
		u.CORS = &cloud.CORS{Origins: c.texts("AllowOrigins").Or(nil), Methods: c.texts("AllowMethods").Or(nil),
			Headers: c.texts("AllowHeaders").Or(nil), Expose: c.texts("ExposeHeaders").Or(nil),
			Credentials: c.flag("AllowCredentials", false).Or(false), MaxAge: c.number("MaxAge", -1, 0, 86400).Or(-1), At: c.at}
	}
	l.spec.FunctionURLs = append(l.spec.FunctionURLs, u)
}

// readEventInvokeConfig. Defaults: two retries, six hours.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
func readEventInvokeConfig(l *loader, r *resource) {
	o := l.object(r)
	c := cloud.EventInvokeConfig{Meta: r.Meta, Function: o.function("FunctionName"), Qualifier: o.known("Qualifier"),
		MaxAge:  o.seconds("MaximumEventAgeInSeconds", 21600, 60, 21600),
		Retries: o.number("MaximumRetryAttempts", 2, 0, 2).Or(2)}
	c.OnSuccess, c.OnFailure = destinations(o)
	l.spec.EventInvokeConfigs = append(l.spec.EventInvokeConfigs, c)
}

// destinations reads DestinationConfig. A Kafka source may give back what failed
// to a topic of its own, kafka://name, which is no ARN.
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html
func destinations(o object) (success, failure cloud.Value[cloud.ARN]) {
	d, ok := o.child("DestinationConfig", "OnFailure", "OnSuccess")
	if !ok {
		return success, failure
	}
	at := func(key string) cloud.Value[cloud.ARN] {
		if c, ok := d.child(key, "Destination"); ok && !strings.HasPrefix(c.text("Destination", cloud.Known("")).Or(""), "kafka://") {
			return c.arnOf("Destination")
		}
		return cloud.Value[cloud.ARN]{}
	}
	return at("OnSuccess"), at("OnFailure")
}
