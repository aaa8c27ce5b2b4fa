package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	engine "bailey/lambda"
	. "bailey/services/access/accesstest"
	"bailey/services/lambda"
	"bailey/services/wire"
	"bailey/services/wire/wiretest"
	"bailey/source"
)

// An invoker answers by the function's name, and notes what it was asked.
type invoker struct{ asked []engine.Request }

func (v *invoker) Invoke(_ context.Context, req engine.Request) (engine.Response, error) {
	v.asked = append(v.asked, req)
	switch {
	case req.Function == "busy":
		return engine.Response{}, &engine.Error{Status: 429, Type: "TooManyRequestsException", Message: "Rate Exceeded.", Reason: engine.ReasonReserved}
	case req.Function == "broken":
		return engine.Response{}, errors.New("no sandbox")
	case req.Function == "unsupported":
		return engine.Response{}, &engine.Error{Status: 502, Type: "InvalidRuntimeException", Message: "bailey does not run cobol functions yet"}
	case req.Type == "Sometimes":
		return engine.Response{}, &engine.Error{Status: 400, Type: "InvalidParameterValueException", Message: "invocationType"}
	case req.Type == engine.Event:
		return engine.Response{Status: 202, Version: "$LATEST"}, nil
	case req.Type == engine.DryRun:
		return engine.Response{Status: 204, Version: "$LATEST"}, nil
	case req.Function == "failing":
		return engine.Response{Status: 200, Version: "$LATEST", FunctionError: "Unhandled", Payload: []byte(`{"errorType":"E"}`)}, nil
	}
	return engine.Response{Status: 200, Version: "$LATEST", Payload: req.Payload, LogTail: []byte("START\nEND\n")}, nil
}

// functions declares functions by their names.
func functions(names ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		for _, name := range names {
			s.Functions = append(s.Functions, cloud.Function{
				Meta: cloud.Meta{Name: "F" + name}, FunctionName: name, Runtime: "provided.al2023", Handler: "bootstrap",
				ARN:  cloud.ARN{Partition: "aws", Service: "lambda", Region: Region, Account: Account, Resource: "function:" + name},
				Role: cloud.Known("arn:aws:iam::123456789012:role/app"), Code: cloud.Code{Dir: "build"},
			})
		}
	}
}

func serve(t testing.TB, changes ...func(*cloud.Spec)) (*World, *invoker) {
	t.Helper()
	m, v := Model(t, changes...), &invoker{}
	return Serve(t, m, lambda.Service(lambda.Config{Model: func() *cloud.Model { return m }, Invoker: v})), v
}

const prelude = `
f = client("lambda")
invoke = f.invoke
arn = "arn:aws:lambda:us-west-2:123456789012:function:"
`

func TestInvoke(t *testing.T) {
	w, v := serve(t, functions("ping", "busy", "broken", "failing", "unsupported"))
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
step("name", lambda: invoke(FunctionName="ping", Payload=b'{"n": 1}'))
step("arn", lambda: invoke(FunctionName=arn + "ping", Payload=b"{}"))
step("partial arn", lambda: invoke(FunctionName="123456789012:function:ping", Payload=b"{}"))
step("qualified", lambda: invoke(FunctionName="ping:$LATEST", Payload=b"{}", Qualifier="$LATEST"))
step("log", lambda: invoke(FunctionName="ping", Payload=b"{}", LogType="Tail", ClientContext="eyJhIjogMX0="))
step("event", lambda: invoke(FunctionName="ping", InvocationType="Event", Payload=b"{}"))
step("dry run", lambda: invoke(FunctionName="ping", InvocationType="DryRun", Payload=b"{}"))
step("failing", lambda: invoke(FunctionName="failing", Payload=b"{}"))
step("busy", lambda: invoke(FunctionName="busy", Payload=b"{}"))
step("broken", lambda: invoke(FunctionName="broken", Payload=b"{}"))
step("unsupported", lambda: invoke(FunctionName="unsupported", Payload=b"{}"))
step("missing", lambda: invoke(FunctionName="none", Payload=b"{}"))
step("version", lambda: invoke(FunctionName="ping", Qualifier="3", Payload=b"{}"))
step("two qualifiers", lambda: invoke(FunctionName="ping:1", Qualifier="2", Payload=b"{}"))
step("elsewhere", lambda: invoke(FunctionName="arn:aws:lambda:eu-west-1:123456789012:function:ping", Payload=b"{}"))
step("type", lambda: invoke(FunctionName="ping", InvocationType="Sometimes", Payload=b"{}"))
step("log type", lambda: invoke(FunctionName="ping", LogType="Head", Payload=b"{}"))
step("client context", lambda: invoke(FunctionName="ping", ClientContext="e", Payload=b"{}"))
step("too large", lambda: invoke(FunctionName="ping", Payload=b'"' + b"x" * (8 << 20) + b'"'))
`)
	ok := func(payload, more string) string {
		return `result {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": "` + payload + `"` + more + `} 200`
	}
	wiretest.Compare(t, got, map[string]string{
		"name":           ok(`{\"n\": 1}`, ""),
		"arn":            ok("{}", ""),
		"partial arn":    ok("{}", ""),
		"qualified":      ok("{}", ""),
		"log":            ok("{}", `, "LogResult": "U1RBUlQKRU5ECg=="`),
		"event":          `result {"StatusCode": 202, "Payload": ""} 202`,
		"dry run":        `result {"StatusCode": 204, "Payload": ""} 204`,
		"failing":        ok(`{\"errorType\":\"E\"}`, `, "FunctionError": "Unhandled"`),
		"busy":           "TooManyRequestsException: Rate Exceeded. 429",
		"broken":         "InternalFailure: no sandbox 500",
		"unsupported":    "InvalidRuntimeException: bailey does not run cobol functions yet 502",
		"missing":        "ResourceNotFoundException: Function not found: arn:aws:lambda:us-west-2:123456789012:function:none 404",
		"version":        "ResourceNotFoundException: Function not found: arn:aws:lambda:us-west-2:123456789012:function:ping:3 404",
		"two qualifiers": "InvalidParameterValueException: The derived qualifier from the function name does not match the specified qualifier. 400",
		"elsewhere":      "ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:123456789012:function:ping 404",
		"type":           "InvalidParameterValueException: invocationType 400",
		"log type":       "ValidationException: 1 validation error detected: Value 'Head' at 'logType' failed to satisfy constraint: Member must satisfy enum value set: [None, Tail] 400",
		"client context": "InvalidRequestContentException: Client context must be a valid Base64-encoded JSON object. 400",
		"too large":      "RequestEntityTooLargeException: Request must be smaller than 7340032 bytes 413",
	})
	log := v.asked[4]
	if log.Function != "ping" || !log.LogTail || log.ClientContext != `{"a": 1}` || log.RequestID == "" {
		t.Errorf("asked %+v", log)
	}
	if q := v.asked[3]; q.Function != "ping" || q.Qualifier != "$LATEST" {
		t.Errorf("asked %+v", q)
	}
}

func TestFunctions(t *testing.T) {
	reserved := 5
	full := func(s *cloud.Spec) {
		functions("full")(s)
		f := &s.Functions[len(s.Functions)-1]
		f.Timeout, f.MemoryMB, f.Arch, f.Reserved, f.LogGroup = 10*time.Second, 256, "arm64", &reserved, "/app"
		f.Env = []cloud.EnvVar{{Name: "A", Value: cloud.Known("1")}, {Name: "B", Value: cloud.Unknown[string]("gap", source.Span{})}}
		f.Network = &cloud.Attachment{Subnets: cloud.Known([]cloud.SubnetID{"subnet-1"}), Groups: cloud.Known([]cloud.SecurityGroupID{"sg-1"})}
	}
	w, _ := serve(t, functions("a", "b", "c"), full)
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
without = lambda r: {k: v for k, v in r.items() if k != "RevisionId"}
def configuration():
    r = without(f.get_function_configuration(FunctionName="full"))
    logging = {"LogFormat": "Text", "LogGroup": "/app"} # older clients do not know it
    assert r.pop("LoggingConfig", logging) == logging
    return r
step("configuration", configuration)
step("qualified", lambda: {"arn": f.get_function_configuration(FunctionName="a", Qualifier="$LATEST")["FunctionArn"], "ResponseMetadata": {"RequestId": "x", "HTTPStatusCode": 200}})
def get():
    r = f.get_function(FunctionName="full")
    return {**r, "Configuration": r["Configuration"]["FunctionName"]}
step("function", get)
step("missing", lambda: f.get_function(FunctionName="none"))
def pages(**more):
    found = [[x["FunctionName"] for x in p["Functions"]] for p in f.get_paginator("list_functions").paginate(**more)]
    return {"pages": found, "ResponseMetadata": {"RequestId": "x", "HTTPStatusCode": 200}}
step("list", lambda: pages())
step("pages", lambda: pages(PaginationConfig={"PageSize": 3}))
step("marker", lambda: f.list_functions(Marker="x"))
step("max", lambda: f.list_functions(MaxItems=0))
step("create", lambda: f.create_alias(FunctionName="a", Name="live", FunctionVersion="1"))
step("delete", lambda: f.delete_function(FunctionName="a"))
step("concurrency", lambda: f.put_function_concurrency(FunctionName="a", ReservedConcurrentExecutions=1))
step("provisioned", lambda: f.list_provisioned_concurrency_configs(FunctionName="a"))
`)
	notHere := func(name string) string {
		return "UnknownOperationException: bailey does not have lambda:" + name + " yet 404"
	}
	wiretest.Compare(t, got, map[string]string{
		"configuration": `result {"FunctionName": "full", "FunctionArn": "arn:aws:lambda:us-west-2:123456789012:function:full", "Runtime": "provided.al2023",
			"Role": "arn:aws:iam::123456789012:role/app", "Handler": "bootstrap", "Timeout": 10, "MemorySize": 256, "EphemeralStorage": {"Size": 512}, "Version": "$LATEST",
			"PackageType": "Zip", "Architectures": ["arm64"], "Environment": {"Variables": {"A": "1"}},
			"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": ""},
			"TracingConfig": {"Mode": "PassThrough"}, "State": "Active", "LastUpdateStatus": "Successful"} 200`,
		"qualified":   `result {"arn": "arn:aws:lambda:us-west-2:123456789012:function:a:$LATEST"} 200`,
		"function":    `result {"Configuration": "full", "Code": {"RepositoryType": "local", "Location": "file://build"}, "Concurrency": {"ReservedConcurrentExecutions": 5}} 200`,
		"missing":     "ResourceNotFoundException: Function not found: arn:aws:lambda:us-west-2:123456789012:function:none 404",
		"list":        `result {"pages": [["a", "b", "c", "full"]]} 200`,
		"pages":       `result {"pages": [["a", "b", "c"], ["full"]]} 200`,
		"marker":      "InvalidParameterValueException: Invalid Marker 400",
		"max":         "InvalidParameterValueException: 1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 10000 400",
		"create":      notHere("CreateAlias"),
		"delete":      notHere("DeleteFunction"),
		"concurrency": notHere("PutFunctionConcurrency"),
		"provisioned": notHere("ListProvisionedConcurrencyConfigs"),
	})
}

func TestIAM(t *testing.T) {
	const arn = "arn:aws:lambda:us-west-2:123456789012:function:ping"
	w, v := serve(t, functions("ping"), Role("caller", Allow("lambda:InvokeFunction", arn)), Role("version", Allow("lambda:InvokeFunction", arn+":*")))
	steps := prelude + `
step("invoke", lambda: invoke(FunctionName="ping", Payload=b"{}"))
step("latest", lambda: invoke(FunctionName="ping", Qualifier="$LATEST", Payload=b"{}"))
step("get", lambda: f.get_function(FunctionName="ping"))
step("list", lambda: f.list_functions())
`
	denied := func(role, action, resource string) string {
		return "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/" + role + "/session is not authorized to perform: lambda:" + action +
			" on resource: " + resource + " because no identity-based policy allows the lambda:" + action + " action 403"
	}
	const ok = `result {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": "{}"} 200`
	wiretest.Compare(t, wiretest.Boto3(t, w.URL, w.Function("caller"), steps), map[string]string{
		"invoke": ok,
		"latest": denied("caller", "InvokeFunction", arn+":$LATEST"),
		"get":    denied("caller", "GetFunction", arn),
		"list":   denied("caller", "ListFunctions", "*"),
	})
	wiretest.Compare(t, wiretest.Boto3(t, w.URL, w.Function("version"), steps), map[string]string{
		"invoke": denied("version", "InvokeFunction", arn),
		"latest": ok,
		"get":    denied("version", "GetFunction", arn),
		"list":   denied("version", "ListFunctions", "*"),
	})
	if len(v.asked) != 2 {
		t.Errorf("%d invocations went through", len(v.asked))
	}
}

func TestCLI(t *testing.T) {
	w, _ := serve(t, functions("ping"))
	out, err := wiretest.AWS(t, w.URL, Host(), "lambda", "invoke", "--function-name", "ping", filepath.Join(t.TempDir(), "out.json"))
	if err != nil || !strings.Contains(out, `"StatusCode": 200`) {
		t.Errorf("invoke: %v\n%s", err, out)
	}
	out, err = wiretest.AWS(t, w.URL, Host(), "lambda", "list-functions", "--query", "Functions[].FunctionName", "--output", "text")
	if err != nil || strings.TrimSpace(out) != "ping" {
		t.Errorf("list-functions: %v\n%s", err, out)
	}
}

// Methods and URIs are those of AWS's model, as botocore has it.
func TestTable(t *testing.T) {
	out, err := exec.Command(wiretest.Python(t), "-c", `
import botocore.session, json
m = botocore.session.get_session().get_service_model("lambda")
http = {name: m.operation_model(name).http for name in m.operation_names}
print(json.dumps({name: h["method"] + " " + h["requestUri"].rstrip("/").replace("{ARN}", "{Resource}") for name, h in http.items()}))`).Output()
	model := map[string]string{}
	if err := errors.Join(err, json.Unmarshal(out, &model)); err != nil {
		t.Fatal(err)
	}
	for _, op := range lambda.Service(lambda.Config{}).Operations {
		if want, known := model[op.Name]; known && want != op.Method+" "+strings.TrimSuffix(op.URI, "/") {
			t.Errorf("%s is %s %s here, %s on AWS", op.Name, op.Method, op.URI, want)
		}
	}
}

// Whatever path and headers come, there is an answer in AWS's form.
func FuzzRequests(f *testing.F) {
	f.Add("ping", "Qualifier=1", "Event", "Tail", "e30=", []byte("{}"))
	f.Add("arn:aws:lambda:::function:", "Marker=YQ==&MaxItems=-1", "x", "", "", []byte(nil))
	m := Model(f, functions("ping"))
	anybody := wire.Credential{SecretAccessKey: "s"}
	router, err := wire.New(wire.Config{
		Services:  []*wire.Service{lambda.Service(lambda.Config{Model: func() *cloud.Model { return m }, Invoker: &invoker{}})},
		Verifier:  &wire.Verifier{Secret: func(string, wire.Origin) (wire.Credential, bool) { return anybody, true }},
		Authorize: func(context.Context, *wire.Call, string, []string) error { return nil },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, query, kind, log, client string, body []byte) {
		for target, method := range map[string]string{
			"/2015-03-31/functions/" + name + "/invocations": "POST", "/2015-03-31/functions/" + name: "GET", "/2015-03-31/functions": "GET",
		} {
			r := httptest.NewRequest(method, "http://localhost/", bytes.NewReader(body))
			r.URL.Path, r.URL.RawQuery, r.RequestURI = target, query, target+"?"+query
			r.Header["X-Amz-Invocation-Type"], r.Header["X-Amz-Log-Type"], r.Header["X-Amz-Client-Context"] = []string{kind}, []string{log}, []string{client}
			wire.Sign(r, body, "AKIA", anybody, Region, "lambda", time.Now())
			w := httptest.NewRecorder()
			router.ServeHTTP(w, r)
			if w.Code < 200 || w.Code > 499 {
				t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
			}
		}
	})
}
