package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/iam"
	"bailey/lambda"
)

// How long an authorizer may take: an HTTP API's 10 s, a REST API's as long as
// an integration. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const (
	httpAuthorizerTime = 10 * time.Second
	restAuthorizerTime = 29 * time.Second
)

// byFunction asks a Lambda authorizer, or takes what it answered before. A
// policy that is kept is evaluated anew for each method: one that names the
// first path refuses the second.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
func (x *exchange) byFunction() error {
	z := x.route.auth
	var own iam.Decision
	if x.policed() {
		if own = x.askPolicy(); own.Effect == iam.ExplicitDeny || own.Layer == iam.Endpoint {
			return x.denied(own)
		}
	}
	values, err := x.identify(z)
	if err != nil {
		return err
	}
	key := x.cacheKey(z, values)
	g, found := grant{}, false
	if key != "" {
		g, found = x.g.kept.get(key, x.now)
	}
	if found {
		g.asked, g.latency = false, 0
	} else if g, err = x.askFunction(z, values); err != nil {
		return err
	} else if key != "" {
		x.g.kept.put(key, g, x.now, z.TTL)
	}
	x.granted = g
	return x.judge(g, own)
}

// cacheKey is the authorizer, its API and stage, and the identity sources. An
// answer without an identity source, or with a time to live of 0, is not kept.
func (x *exchange) cacheKey(z *authorizer, values []string) string {
	if z.TTL <= 0 || len(values) == 0 {
		return ""
	}
	var b strings.Builder
	for _, v := range append([]string{z.ID, z.Function.Or(cloud.ARN{}).String(), x.api.ID, x.stage.StageName}, values...) {
		b.WriteString(strconv.Itoa(len(v)))
		b.WriteByte(':')
		b.WriteString(v)
	}
	return b.String()
}

// judge holds an authorizer's answer, and the resource policy's, against the
// method: Table A of AWS's page.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html#apigateway-resource-policies-iam-policies-interaction
func (x *exchange) judge(g grant, own iam.Decision) error {
	if g.policy == nil {
		if g.allowed {
			return nil
		}
		return x.refusedBy("isAuthorized is false", accessDenied, "User is not authorized to access this resource")
	}
	principal := "arn:" + cloud.Partition(x.apis.model.Region()) + ":iam::" + x.apis.model.Account() + ":user/authorized"
	d := iam.Decide(x.policyRequest(principal, x.conditionKeys()), iam.Policies{Identity: []iam.Policy{*g.policy}})
	switch {
	case d.Effect == iam.ExplicitDeny:
		return x.refusedBy("its policy denies "+x.methodARN(), explicitlyDenied, "User is not authorized to access this resource with an explicit deny")
	case d.Effect == iam.Allow, own.Effect == iam.Allow:
		return nil
	}
	return x.refusedBy("its policy does not allow "+x.methodARN(), accessDenied, "User is not authorized to access this resource")
}

func (x *exchange) refusedBy(why string, k *kind, message string) error {
	kept := ""
	if !x.granted.asked {
		kept = " (an answer kept from an earlier request)"
	}
	x.granted.status = strconv.Itoa(http.StatusForbidden)
	x.granted.err = message
	return refuse(k, "authorizer", "%s refuses: %s%s", x.route.auth.Name, why, kept).saying("%s", message)
}

// askFunction invokes the authorizer's function. What is not an answer in the
// required form is an error, which nobody keeps.
func (x *exchange) askFunction(z *authorizer, values []string) (grant, error) {
	failed := func(k *kind, why string) (grant, error) {
		x.granted.function, x.granted.err, x.granted.status = true, why, strconv.Itoa(k.status)
		return grant{}, refuse(k, "authorizer", "Execution failed due to configuration error: %s: %s", z.Name, why)
	}
	arn, known := x.functionARN(z.Function)
	if !known {
		return failed(authorizerConfiguration, "its function is not known")
	}
	if ok, why := x.mayInvoke(arn, z.Credentials, x.api.arn+"/authorizers/"+z.ID); !ok {
		return failed(authorizerConfiguration, "Invalid permissions on Lambda function: "+why)
	}
	limit := restAuthorizerTime
	if x.http() {
		limit = httpAuthorizerTime
	}
	ctx, stop := context.WithTimeout(x.r.Context(), limit)
	defer stop()
	begun := x.g.config.Now()
	res, err := x.g.config.Invoke.Invoke(ctx, lambda.Request{Function: arn.String(), Payload: x.authorizerEvent(z, values), Valid: true})
	x.granted.function, x.granted.asked = true, true
	x.granted.latency, x.granted.request = x.g.since(begun), res.RequestID
	x.granted.service = strconv.Itoa(res.Status)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return failed(authorizerFailure, "the function did not answer in time")
	case err != nil:
		return failed(authorizerConfiguration, err.Error())
	case res.FunctionError != "":
		return x.authorizerFailed(z, res.Payload)
	}
	g, why := readGrant(z, res.Payload, x.http())
	if why != "" {
		return failed(authorizerConfiguration, "Invalid response: "+why)
	}
	g.latency, g.request, g.service, g.status = x.granted.latency, x.granted.request, x.granted.service, "200"
	return g, nil
}

// authorizerFailed: a REST API's authorizer that fails with the very word
// Unauthorized means 401; any other failure is 500.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
func (x *exchange) authorizerFailed(z *authorizer, payload []byte) (grant, error) {
	var failure struct {
		Message string `json:"errorMessage"`
	}
	_ = json.Unmarshal(payload, &failure) // whatever it is, it is no permission
	x.granted.err = failure.Message
	if !x.http() && failure.Message == "Unauthorized" {
		x.granted.status = "401"
		return grant{}, refuse(unauthorized, "authorizer", "%s answered Unauthorized", z.Name)
	}
	x.granted.status = "500"
	return grant{}, refuse(authorizerFailure, "authorizer", "%s failed: %s", z.Name, failure.Message)
}

// readGrant reads an authorizer's answer; why says what is wrong with it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.payload-format-response
func readGrant(z *authorizer, payload []byte, http bool) (g grant, why string) {
	var out map[string]json.RawMessage // its names tell upper and lower case apart
	if json.Unmarshal(payload, &out) != nil || out == nil {
		return g, "it is not an object of the required form"
	}
	g = grant{function: true, asked: true}
	if why := g.readContext(out["context"], http); why != "" {
		return g, why
	}
	if http && z.Simple {
		authorized := string(out["isAuthorized"])
		if authorized != "true" && authorized != "false" {
			return g, "isAuthorized is not a boolean"
		}
		g.allowed = authorized == "true"
		return g, ""
	}
	if json.Unmarshal(out["principalId"], &g.principal) != nil || g.principal == "" {
		return g, "principalId is not text"
	}
	if raw, ok := out["usageIdentifierKey"]; ok && json.Unmarshal(raw, &g.usageKey) != nil {
		return g, "usageIdentifierKey is not text"
	}
	return g, g.readPolicy(z.Name, out["policyDocument"])
}

// readPolicy reads the policyDocument.
func (g *grant) readPolicy(name string, raw json.RawMessage) (why string) {
	if len(raw) == 0 {
		return "there is no policyDocument"
	}
	n, diags := document.Read("policyDocument", raw)
	if diags.HasErrors() {
		return "the policyDocument cannot be read: " + diags[0].Summary
	}
	p, wrong := iam.Parse(n)
	if wrong.HasErrors() {
		return "the policyDocument is malformed: " + wrong[0].Summary
	}
	if p.Len() == 0 {
		return "the policyDocument has no statement"
	}
	p = p.Named(name)
	g.policy = &p
	return ""
}

// readContext reads the context map. That of a REST API holds no objects and
// lists, and its values become text.
func (g *grant) readContext(raw json.RawMessage, http bool) (why string) {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if d.Decode(&g.context) != nil {
		return "context is not a map"
	}
	if http {
		return ""
	}
	for key, v := range g.context {
		switch v.(type) {
		case map[string]any, []any:
			return "context." + key + " is an object or a list"
		case nil:
			delete(g.context, key)
		default:
			g.context[key] = jsonText(v)
		}
	}
	return ""
}

// jsonText is a JSON value as text, a string without its quotes.
func jsonText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, _ := json.Marshal(v)
	return string(b)
}
