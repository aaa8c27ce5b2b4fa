package lambda

import (
	"context"
	"strings"

	"bailey/cloud"
	engine "bailey/lambda"
	"bailey/services/wire"
)

// An Invoker invokes functions: an [engine.Service]. What the API refuses is an
// [engine.Error].
type Invoker interface {
	Invoke(context.Context, engine.Request) (engine.Response, error)
}

// A Config is what the API is made of.
type Config struct {
	Model   func() *cloud.Model // as of now
	Invoker Invoker
}

// maxBody leaves the Invoker to refuse what is beyond its own limits, 6 MiB
// and 1 MiB, in its own words.
const maxBody = 7 << 20

// Service is the table of the operations that are there; notHere lists the
// others.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
func Service(cfg Config) *wire.Service {
	a := &api{cfg}
	return &wire.Service{
		Name: "lambda", Protocol: wire.RestJSON, Version: "2015-03-31", MaxBody: maxBody,
		ErrorType: true, MessageMember: messageMember,
		Operations: append([]wire.Operation{
			{Name: "Invoke", Action: "InvokeFunction", Method: "POST", URI: "/2015-03-31/functions/{FunctionName}/invocations",
				Resources: a.function, Handle: a.invoke},
			{Name: "GetFunction", Method: "GET", URI: "/2015-03-31/functions/{FunctionName}", Resources: a.function, Handle: a.getFunction},
			{Name: "GetFunctionConfiguration", Method: "GET", URI: "/2015-03-31/functions/{FunctionName}/configuration",
				Resources: a.function, Handle: a.getFunctionConfiguration},
			{Name: "ListFunctions", Method: "GET", URI: "/2015-03-31/functions", Handle: a.listFunctions},
		}, notHere...),
	}
}

// messageMember: Lambda's own exceptions spell it both ways; the models say
// which.
func messageMember(code string) string {
	switch code {
	case "ResourceNotFoundException", "ServiceException", "InvalidRuntimeException":
		return "Message"
	}
	return "message"
}

type api struct{ cfg Config }

// A reference is what a call names: a function, by its name or an ARN, and
// perhaps a version or alias.
type reference struct{ account, region, name, qualifier string }

// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters
func (a *api) reference(c *wire.Call) (reference, error) {
	m := a.cfg.Model()
	ref := reference{account: m.Account(), region: m.Region()}
	text := c.Labels["FunctionName"]
	if before, rest, ok := strings.Cut(text, "function:"); ok {
		part := strings.Split(strings.TrimSuffix(before, ":"), ":") // arn:aws:lambda:REGION:ACCOUNT, or ACCOUNT
		ref.account = part[len(part)-1]
		if len(part) == 5 {
			ref.region = part[3]
		}
		text = rest
	}
	ref.name, ref.qualifier, _ = strings.Cut(text, ":")
	if q := c.Query.Get("Qualifier"); q != "" {
		if ref.qualifier != "" && ref.qualifier != q {
			return ref, wire.Errorf("InvalidParameterValueException",
				"The derived qualifier from the function name does not match the specified qualifier.")
		}
		ref.qualifier = q
	}
	return ref, nil
}

// arn is the function's; that of a version or alias ends in its name.
func (r reference) arn() string {
	arn := "arn:aws:lambda:" + r.region + ":" + r.account + ":function:" + r.name
	if r.qualifier != "" {
		arn += ":" + r.qualifier
	}
	return arn
}

// function is the resource that IAM is asked for.
func (a *api) function(c *wire.Call) ([]string, error) {
	ref, err := a.reference(c)
	return []string{ref.arn()}, err
}

// find gives the function that a call names. There is only its $LATEST.
func (a *api) find(c *wire.Call) (cloud.Function, error) {
	ref, err := a.reference(c)
	if err != nil {
		return cloud.Function{}, err
	}
	m := a.cfg.Model()
	f, ok := m.FunctionByName(ref.name)
	here := ref.account == m.Account() && ref.region == m.Region()
	if !ok || !here || ref.qualifier != "" && ref.qualifier != engine.Latest {
		return f, &wire.Error{Code: "ResourceNotFoundException", Message: "Function not found: " + ref.arn(), HTTPStatus: 404}
	}
	return f, nil
}
