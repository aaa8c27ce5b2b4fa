package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// The example key of AWS's documentation.
const (
	exampleKey    = "AKIDEXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var exampleCred = Credential{
	SecretAccessKey: exampleSecret,
	Account:         "123456789012",
	PrincipalARN:    "arn:aws:iam::123456789012:user/example",
	UserID:          "AIDAEXAMPLE",
}

func secrets(accessKeyID string, _ Origin) (Credential, bool) {
	return exampleCred, accessKeyID == exampleKey
}

func clock(at time.Time) func() time.Time { return func() time.Time { return at } }

func day(s string) time.Time {
	t, err := time.Parse(isoBasic, s)
	if err != nil {
		panic(err)
	}
	return t
}

type parameterInput struct{ Name string }

type parameter struct {
	Name, Type, Value string
	Version           int
	LastModifiedDate  Time
}

func ssmService() *Service {
	name := func(c *Call) ([]string, error) {
		var in parameterInput
		err := c.Decode(&in)
		return []string{"arn:aws:ssm:" + c.Region + ":123456789012:parameter" + in.Name}, err
	}
	return &Service{
		Name: "ssm", Protocol: AwsJSON11, Version: "2014-11-06", TargetPrefix: "AmazonSSM",
		Operations: []Operation{
			{Name: "GetParameter", Resources: name, Handle: getParameter},
			{Name: "DeleteParameter", Resources: name, Handle: getParameter},
			{Name: "PutParameter"},
		},
	}
}

func getParameter(_ context.Context, c *Call) (any, error) {
	var in parameterInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check Constraints
	check.Length("name", in.Name, 1, 2048)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if in.Name != "/app/url" {
		return nil, Errorf("ParameterNotFound", "Parameter %s not found.", in.Name)
	}
	return map[string]any{"Parameter": parameter{in.Name, "String", "https://x/?a=<1>&b", 3, Time{time.UnixMilli(1700000000250)}}}, nil
}

func stsService() *Service {
	type tag struct{ Key, Value string }
	type identity struct{ Arn, UserId, Account string }
	type credentials struct {
		AccessKeyId string
		Expiration  Time
	}
	return &Service{
		Name: "sts", Protocol: AwsQuery, Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
		Operations: []Operation{
			{Name: "GetCallerIdentity", NoPermission: true, Handle: func(_ context.Context, c *Call) (any, error) {
				return identity{c.Identity.PrincipalARN, c.Identity.UserID, c.Identity.Account}, nil
			}},
			{Name: "AssumeRole", Handle: func(_ context.Context, c *Call) (any, error) {
				var in struct {
					RoleArn         string
					DurationSeconds int
					Tags            []tag
				}
				if err := c.Decode(&in); err != nil {
					return nil, err
				}
				return struct {
					Credentials     credentials
					SourceIdentity  string
					AssumedRoleUser struct{ Arn string }
				}{
					Credentials:    credentials{"ASIAEXAMPLE", Time{time.Unix(int64(1700000000+in.DurationSeconds), 0)}},
					SourceIdentity: in.Tags[0].Key + in.Tags[0].Value + in.Tags[1].Key + in.Tags[1].Value,
				}, nil
			}},
			{Name: "AssumeRoleWithWebIdentity", Unsigned: true, Handle: func(_ context.Context, c *Call) (any, error) {
				return struct{ Provider string }{"signed by '" + c.Identity.AccessKeyID + "'"}, nil
			}},
		},
	}
}

func lambdaService() *Service {
	return &Service{
		Name: "lambda", Protocol: RestJSON, Version: "2015-03-31", ErrorType: true,
		MessageMember: func(code string) string {
			if code == "ResourceNotFoundException" {
				return "Message"
			}
			return "message"
		},
		Operations: []Operation{
			{Name: "Invoke", Action: "InvokeFunction", Method: "POST", URI: "/2015-03-31/functions/{FunctionName}/invocations", Handle: invoke},
			{Name: "ListFunctions", Method: "GET", URI: "/2015-03-31/functions", Handle: invoke},
			{Name: "DeleteFunction", Method: "DELETE", URI: "/2015-03-31/functions/{FunctionName}"},
		},
	}
}

func invoke(_ context.Context, c *Call) (any, error) {
	switch name := c.Labels["FunctionName"]; {
	case name == "busy":
		return nil, &Error{Code: "TooManyRequestsException", Message: "Rate Exceeded.", HTTPStatus: 429,
			Members: map[string]any{"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"},
			Header:  map[string]string{"Retry-After": "2"}}
	case name == "broken":
		return nil, context.DeadlineExceeded
	case name == "none":
		return nil, &Error{Code: "ResourceNotFoundException", Message: "Function not found: none", HTTPStatus: 404}
	case c.Header.Get("X-Amz-Invocation-Type") == "Event":
		return &Response{Status: 202}, nil
	default:
		return &Response{
			Header: http.Header{"X-Amz-Executed-Version": {c.Query.Get("Qualifier")}},
			Body:   []byte(`{"name":"` + name + `","event":` + string(c.Body) + `}`),
		}, nil
	}
}

// denyDeletes is IAM for a test: everything but deleting.
func denyDeletes(_ context.Context, c *Call, action string, resources []string) error {
	if strings.Contains(action, ":Delete") {
		return AccessDenied("User: " + c.Identity.PrincipalARN + " is not authorized to perform: " + action +
			" on resource: " + resources[0])
	}
	return nil
}

func testConfig() Config {
	return Config{
		Services:  []*Service{ssmService(), stsService(), lambdaService()},
		Verifier:  &Verifier{Secret: secrets},
		Authorize: denyDeletes,
		Region:    "us-west-2",
		RequestID: func() string { return "11111111-2222-4333-8444-555555555555" },
		MaxBody:   1 << 20,
	}
}

func newRouter(t testing.TB, cfg Config) *Router {
	t.Helper()
	rt, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return rt
}

// request makes one as a server sees it.
func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// signed signs it, now, for the service.
func signed(r *http.Request, body, service string) *http.Request {
	Sign(r, []byte(body), exampleKey, exampleCred, "us-west-2", service, time.Now())
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var sourceIP = netip.MustParseAddr("10.0.1.7")
