package gateway

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/lambda"
)

var stageVariable = regexp.MustCompile(`\$\{stageVariables\.([A-Za-z0-9_]+)\}`)

// withVariables puts the stage's variables in their places.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html
func (x *exchange) withVariables(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	return stageVariable.ReplaceAllStringFunc(text, func(m string) string {
		return x.stage.variables[stageVariable.FindStringSubmatch(m)[1]]
	})
}

// functionARN is the function, version or alias that is meant in this stage.
func (x *exchange) functionARN(v cloud.Value[cloud.ARN]) (cloud.ARN, bool) {
	arn, known := v.Get()
	if !known || arn.Resource == "" {
		return cloud.ARN{}, false
	}
	arn.Resource = strings.TrimSuffix(x.withVariables(arn.Resource), ":")
	return arn, true
}

// mayInvoke: a role that is named needs the permission itself, with the
// caller's own credentials the caller; otherwise the function's own policy
// decides.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
func (x *exchange) mayInvoke(f cloud.ARN, credentials, sourceARN string) (bool, string) {
	credentials = x.withVariables(credentials)
	switch {
	case credentials == "":
		return x.g.config.Permissions.Permitted(f, sourceARN)
	case strings.Contains(credentials, ":iam::*:user/"):
		return false, "bailey does not have integrations with the caller's own credentials"
	}
	return x.g.config.Permissions.RoleMay(credentials, f)
}

// invoke is a Lambda proxy integration.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
func (x *exchange) invoke(i *cloud.Integration) (*answer, error) {
	f, err := x.invocable(i)
	if err != nil {
		return nil, err
	}
	payload, err := x.event(i)
	if err != nil {
		return nil, err
	}
	res, err := x.run(i, f, payload)
	if err != nil {
		return nil, err
	}
	if res.FunctionError != "" {
		x.integration.message = string(res.Payload)
		return nil, refuse(badGateway, "integration", "Lambda execution failed with status %d due to customer function error: %s. Lambda request id: %s",
			res.Status, res.Payload, res.RequestID)
	}
	a, err := x.read(i, res.Payload)
	if a != nil {
		x.integration.status = strconv.Itoa(a.status)
		x.mapResponses(a, i)
	}
	return a, err
}

// invocable is the function of an integration that may be invoked.
func (x *exchange) invocable(i *cloud.Integration) (cloud.ARN, error) {
	f, known := x.functionARN(i.Function)
	if !known {
		return f, x.misconfigured("the function of the integration is not known")
	}
	if ok, why := x.mayInvoke(f, i.Credentials, x.sourceARN()); !ok {
		x.integration.message = "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again."
		return f, x.misconfigured("Invalid permissions on Lambda function: " + why)
	}
	if !x.http() && i.Method != "" && i.Method != http.MethodPost {
		return f, x.misconfigured("functions are invoked by POST, and the integration's method is " + i.Method)
	}
	return f, nil
}

// run invokes a function within the integration's time. The payload is JSON.
func (x *exchange) run(i *cloud.Integration, f cloud.ARN, payload []byte) (lambda.Response, error) {
	ctx, stop := context.WithTimeout(x.r.Context(), i.Timeout)
	defer stop()
	begun := x.g.config.Now()
	res, err := x.g.config.Invoke.Invoke(ctx, lambda.Request{Function: f.String(), Payload: payload, Valid: true})
	x.integration = outcome{done: true, executed: true, latency: x.g.since(begun), request: res.RequestID, service: strconv.Itoa(res.Status)}
	if err != nil {
		return res, x.invokeFailed(err)
	}
	return res, nil
}

// misconfigured is an integration that cannot be called as it is set up.
func (x *exchange) misconfigured(why string) error {
	return refuse(apiConfiguration, "integration", "Execution failed due to configuration error: %s", why)
}

// invokeFailed is an invocation that Lambda did not do. Of Lambda's own
// throttling a client sees an internal error, not 429.
// https://repost.aws/knowledge-center/api-gateway-internal-server-error
func (x *exchange) invokeFailed(err error) error {
	var e *lambda.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		x.integration.message = "Endpoint request timed out"
		return refuse(integrationTimeout, "integration", "Execution failed due to a timeout error")
	case errors.Is(err, context.Canceled):
		return refuse(integrationFailure, "integration", "the client hung up")
	case !errors.As(err, &e):
		x.integration.message = err.Error()
		return refuse(internalError, "integration", "Lambda invocation failed: %v", err)
	}
	x.integration.service, x.integration.message = strconv.Itoa(e.Status), e.Message
	switch e.Status {
	case 413:
		return refuse(requestTooLarge, "integration", "%s", e.Message)
	case 404:
		return x.misconfigured("Invalid permissions on Lambda function: " + e.Message)
	}
	return refuse(internalError, "integration", "Lambda invocation failed with status: %d. %s", e.Status, e.Message)
}
