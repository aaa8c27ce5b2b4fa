package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
)

const jsonType = "application/json"

// behind makes an integration that is no proxy, with a request template for
// JSON and responses.
func behind(kind cloud.IntegrationKind, template string, responses ...cloud.IntegrationResponse) func(*cloud.APIRoute) {
	return func(r *cloud.APIRoute) {
		r.Integration = &cloud.Integration{Kind: kind, Function: arn("f"), Method: "POST", Timeout: time.Second, Passthrough: "WHEN_NO_MATCH", Responses: responses}
		if template != "" {
			r.Integration.Templates = map[string]string{jsonType: template}
		}
	}
}

// response makes an integration response; a selection of "" is the default.
func response(status, selection, template string) cloud.IntegrationResponse {
	r := cloud.IntegrationResponse{Status: status, Selection: selection}
	if template != "" {
		r.Templates = map[string]string{jsonType: template}
	}
	return r
}

// What a template writes. The answers to $input.path are AWS's own, as the
// snapshot tests of LocalStack record them.
func TestWhatTemplatesSee(t *testing.T) {
	const body = `{"a":{"foo":"bar"},"list":[{"c":5},{"c":6}],"big":10000000.5,"nothing":null,"none":[],"q":"it's \"x\""}`
	for _, c := range []struct{ name, template, want string }{
		{"the body", `$input.body`, body},
		{"a map", `$input.path('$.a')`, `{foo=bar}`},
		{"a list", `$input.path("$.list") $input.path('$.list[0]') $input.path('$.list')[1].c`, `[{"c":5},{"c":6}] {c=5} 6`},
		{"what is not there", `[$input.path('$.x')][$input.path('$.x').y][$input.path('$.nothing')]#if($input.path('$.x') == "")e#end#if($input.path('$.none') == $null)n#end`, `[][][]e`},
		{"JSON", `$input.json('$.a') $input.json('$.list[1].c') $input.json('$.q') $input.json('$.x') $input.json('$.big')`, `{"foo":"bar"} 6 "it's \"x\"" "" 1.00000005E7`},
		{"paths", `$input.json('$..c') $input.json('$.list[*].c') $input.json("$['a']['foo']") $input.json('$.list[-1:]') $input.json('$.list[0,1].c') $input.json('$.a.*')`, `[5,6] [5,6] "bar" [{"c":6}] [5,6] ["bar"]`},
		{"parameters", `$input.params('id') $input.params('q') $input.params('X-Head') [$input.params('none')] $input.params().path.id $input.params().querystring.get('q')`, `7 2 h [] 7 2`},
		{"all parameters", `#foreach($k in $input.params().querystring.keySet())$k=$util.urlEncode($input.params().querystring.get($k));#end`, `q=2;r=a+b;`},
		{"context", `$context.stage $context.httpMethod $context.resourcePath $context.identity.sourceIp [$context.identity.apiKey] $stageVariables.color`, `prod POST /t/{id} 192.0.2.1 [] red`},
		{"util", `$util.escapeJavaScript($input.path('$.q')) $util.base64Encode('ab') $util.base64Decode('YWI=') $util.urlDecode('a%2Bb') $util.parseJson('{"z":[1]}').z[0]`, `it\'s \"x\" YWI= ab a+b 1`},
	} {
		srv, _ := backend(t)
		echoing := behind(cloud.HTTPCustom, c.template, response("200", "", ""))
		s := stood(t, restAPI(route("POST /t/{id}", echoing, addressed(srv.URL))), func(spec *cloud.Spec) {
			spec.APIs[0].Stages[0].Variables = map[string]cloud.Value[string]{"color": cloud.Known("red")}
		})
		s.config.Internet = http.DefaultTransport
		s.restart()
		res := s.call("POST /prod/t/7?q=1&q=2&r=a+b", headers{"X-Head": "h"}, body)
		if got := text(res); res.StatusCode != 200 || got != "got "+c.want {
			t.Errorf("%s: %d\n got %s\nwant got %s", c.name, res.StatusCode, got, c.want)
		}
	}
}

func addressed(url string) func(*cloud.APIRoute) {
	return func(r *cloud.APIRoute) { r.Integration.URL = cloud.Known(url) }
}

// An empty body is an empty object to a template, and to a function.
func TestAnEmptyBody(t *testing.T) {
	s := stood(t, restAPI(
		route("POST /plain", behind(cloud.LambdaCustom, "", response("200", "", ""))),
		route("POST /mapped", behind(cloud.LambdaCustom, `{"body": $input.body, "json": $input.json('$.x')}`, response("200", "", ""))),
		route("POST /torn", behind(cloud.LambdaCustom, `{"body": `, response("200", "", ""))),
	)).on("f", func(event map[string]any) (any, error) { return event, nil })
	s.gets("POST /prod/plain", nil, "200 {}")
	s.gets("POST /prod/plain", nil, `200 {"a":1}`, `{"a": 1}`)
	s.gets("POST /prod/mapped", nil, `200 {"body":{},"json":""}`)
	s.gets("POST /prod/torn", nil, `400 {"message":"Could not parse request body into json"}`)
}

// The message of a function's error chooses the response, and its template
// sees the error.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html
func TestSelectionByAFunctionsError(t *testing.T) {
	api := restAPI(
		route("GET /f", behind(cloud.LambdaCustom, `{"who": "$context.identity.sourceIp"}`,
			response("200", "", `{"ok": $input.json('$.who')}`),
			response("404", ".*not found.*", `{"message": $input.json('$.errorMessage')}`),
			response("500", ".+", "")),
		),
		route("GET /strict", behind(cloud.LambdaCustom, "", response("404", "gone", ""))),
	)
	s := stood(t, api)
	s.on("f", func(event map[string]any) (any, error) { return event, nil })
	s.gets("GET /prod/f", nil, `200 {"ok": "192.0.2.1"}`)
	s.on("f", fails("the pet was not found here"))
	s.gets("GET /prod/f", nil, `404 {"message": "the pet was not found here"}`)
	s.on("f", fails("something else"))
	s.gets("GET /prod/f", nil, `500 {"errorMessage":"something else"}`)
	s.gets("GET /prod/strict", nil, `500 {"message": "Internal server error"}`)
	if last := s.refusals[len(s.refusals)-1]; !strings.Contains(last.Why, "No match for output mapping and no default output mapping configured") {
		t.Error(last.Why)
	}
	s.denied["f"] = "no permission"
	s.gets("GET /prod/f", nil, `500 {"message": "Internal server error"}`)
}

// What an HTTP backend gets is what the mappings make, and what the client gets
// back, too.
func TestAnHTTPIntegrationWithMappings(t *testing.T) {
	srv, got := backend(t)
	mapped := response("201", "200", `{"was": "$input.body"}`)
	mapped.Params = map[string]string{"method.response.header.X-Out": "integration.response.header.X-Back", "method.response.header.X-Static": "'s'",
		"method.response.header.X-Stage": "context.stage", "method.response.header.Server": "integration.response.header.Server"}
	s := stood(t, restAPI(route("POST /{id}", behind(cloud.HTTPCustom, `#set($context.requestOverride.header.X-Over = "o")#set($context.requestOverride.querystring.n = 1){"id": "$input.params('id')"}`,
		mapped, response("502", "5\\d\\d", "")), addressed(srv.URL+"/to/{place}"), func(r *cloud.APIRoute) {
		r.Integration.Params = map[string]string{"integration.request.path.place": "method.request.path.id", "integration.request.header.X-Sent": "method.request.header.X-Client",
			"integration.request.querystring.fail": "method.request.querystring.break"}
	})))
	s.config.Internet = http.DefaultTransport
	s.restart()
	res := s.gets("POST /prod/7?q=1", headers{"X-Client": "c", "Cookie": "secret", "Content-Type": jsonType}, `201 {"was": "got {"id": "7"}"}`, "{}")
	for name, want := range map[string]string{"X-Out": "yes", "X-Static": "s", "X-Stage": "prod", "X-Amzn-Remapped-Server": "backend", "Server": "", "X-Back": "", "Content-Type": jsonType} {
		if v := res.Header.Get(name); v != want {
			t.Errorf("%s to the client: %q, want %q", name, v, want)
		}
	}
	for name, want := range map[string]string{"X-Sent": "c", "X-Over": "o", "Cookie": "", "Accept": jsonType, "User-Agent": "AmazonAPIGateway_" + apiID,
		"X-Amzn-Apigateway-Api-Id": apiID, "Content-Type": jsonType, "X-Client": ""} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s to the backend: %q, want %q", name, v, want)
		}
	}
	if got.URL.Path != "/to/7" || got.URL.Query().Get("n") != "1" || got.URL.Query().Has("q") {
		t.Error(got.URL)
	}
}

// What a request template sets in $context its response template sees, and the
// client. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html
func TestOverrides(t *testing.T) {
	s := stood(t, restAPI(
		route("GET /both", behind(cloud.Mock, "#set($context.responseOverride.status = 444)#set($context.responseOverride.header.foo = \"bar\")#set($context.responseOverride.custom = \"c\"){\"statusCode\": 200}",
			response("200", "2\\d{2}", `$context.responseOverride.status $context.responseOverride.header.foo $context.responseOverride.custom`))),
		route("GET /maps", behind(cloud.Mock, "#set($k = 'a')#set($context.requestOverride.querystring[$k] = 'x')$context.requestOverride.querystring.put('b', 'y')#set($context[\"requestOverride\"].path.c = 'z'){\"statusCode\": 200}",
			response("200", "", `$context.requestOverride.querystring.a $context.requestOverride.querystring["b"] $context.requestOverride.path.c`))),
		route("GET /odd", behind(cloud.Mock, `#set($context.responseOverride.status = "600"){"statusCode": 200}`, response("200", "", "fine"))),
	))
	if res := s.gets("GET /prod/both", nil, "444 444 bar c"); res.Header.Get("Foo") != "bar" {
		t.Error(res.Header)
	}
	s.gets("GET /prod/maps", nil, "200 x y z")
	s.gets("GET /prod/odd", nil, "200 fine")
}

// How API Gateway reads the status of a mock, as LocalStack's tests against AWS
// have it.
func TestTheStatusOfAMock(t *testing.T) {
	for template, want := range map[string]string{
		`{"statusCode": 200}`: "200 ok", "{ statusCode: 200 }": "200 ok", "{'statusCode': 200, '': ''}": "200 ok", `{"statusCode": 200 , }`: "200 ok",
		"#if($context.stage == 'prod')\n{\"statusCode\": 404}\n#else\n{\"statusCode\": 200}\n#end": "404 lost",
		`{"statusCode": "200"}`: `500 {"message": "Internal server error"}`, `{"statusCode": 200`: `500 {"message": "Internal server error"}`, "statusCode: 200": `500 {"message": "Internal server error"}`,
	} {
		s := stood(t, restAPI(route("GET /m", behind(cloud.Mock, template, response("200", "2..", "ok"), response("404", "4..", "lost")))))
		s.gets("GET /prod/m", nil, want)
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
func TestPassthroughBehaviors(t *testing.T) {
	for _, c := range []struct{ behavior, template, content, want string }{
		{"WHEN_NO_MATCH", `{"t":1}`, jsonType, `200 {"t":1}`},
		{"WHEN_NO_MATCH", `{"t":1}`, "text/plain", `200 {"b":1}`},
		{"WHEN_NO_TEMPLATES", `{"t":1}`, "text/plain", `415 {"message": "Unsupported Media Type"}`},
		{"WHEN_NO_TEMPLATES", "", "text/plain", `200 {"b":1}`},
		{"NEVER", "", jsonType, `415 {"message": "Unsupported Media Type"}`},
		{"NEVER", `{"t":1}`, jsonType + "; charset=utf-8", `200 {"t":1}`},
	} {
		s := stood(t, restAPI(route("POST /p", behind(cloud.LambdaCustom, c.template, response("200", "", "")), func(r *cloud.APIRoute) { r.Integration.Passthrough = c.behavior })))
		s.on("f", func(event map[string]any) (any, error) { return event, nil })
		s.gets("POST /prod/p", headers{"Content-Type": c.content}, c.want, `{"b":1}`)
	}
}

// What cannot be read is refused when the API is compiled, what cannot be done
// when it is met.
func TestTemplatesThatAreWrong(t *testing.T) {
	s := stood(t, restAPI(
		route("GET /macro", behind(cloud.Mock, "#macro(m)#end", response("200", "", ""))),
		route("GET /pattern", behind(cloud.Mock, `{"statusCode": 200}`, response("200", "(?!4)", ""))),
		route("GET /filter", behind(cloud.LambdaCustom, `$input.json("$.a[?(@.b)]")`, response("200", "", ""))),
		route("GET /method", behind(cloud.LambdaCustom, `$input.body.codePointAt(0)`, response("200", "", ""))),
	))
	s.gets("GET /prod/macro", nil, `500 {"message": "bailey does not have the mapping of GET /macro of Api: the request template for application/json: 1:7: #macro is not supported"}`)
	if res := s.call("GET /prod/pattern", nil); res.StatusCode != 500 || !strings.Contains(text(res), "the selection pattern of 200") {
		t.Error(res.StatusCode)
	}
	s.gets("GET /prod/filter", nil, `500 {"message": "Internal server error"}`)
	s.gets("GET /prod/method", nil, `500 {"message": "Internal server error"}`)
	var why []string
	for _, r := range s.refusals[2:] {
		why = append(why, r.Why)
	}
	if got := strings.Join(why, "\n"); len(why) != 2 || !strings.Contains(got, "filters and scripts are not supported") || !strings.Contains(got, "the method codePointAt of text") {
		t.Error(got)
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
func TestContentHandling(t *testing.T) {
	at := func(kind string) func(*cloud.APIRoute) {
		return func(r *cloud.APIRoute) { r.Integration.Binary = kind }
	}
	srv, _ := backend(t)
	api := restAPI(
		route("POST /text", behind(cloud.HTTPCustom, "", response("200", "", "")), addressed(srv.URL), at("CONVERT_TO_TEXT")),
		route("POST /binary", behind(cloud.HTTPCustom, "", response("200", "", "")), addressed(srv.URL), at("CONVERT_TO_BINARY")),
	)
	api.BinaryTypes = []string{"image/png"}
	s := stood(t, api)
	s.config.Internet = http.DefaultTransport
	s.restart()
	s.gets("POST /prod/text", headers{"Content-Type": "image/png"}, "200 got AQI=", "\x01\x02")
	s.gets("POST /prod/binary", headers{"Content-Type": "text/plain"}, "200 got \x01\x02", "AQI=")
	s.gets("POST /prod/binary", headers{"Content-Type": "text/plain"}, `500 {"message": "Internal server error"}`, "no base64")
}
