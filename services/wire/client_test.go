package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

// What boto3 makes of our answers: its parsed results and its exceptions.
func TestBoto3(t *testing.T) {
	srv := httptest.NewServer(newRouter(t, testConfig()))
	defer srv.Close()
	cmd := exec.Command(python(t), "testdata/client.py", srv.URL)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("client.py: %v\n%s", err, stderr.String())
	}
	want := map[string]string{
		"ssm get": `result {"Parameter": {"Name": "/app/url", "Type": "String", "Value": "https://x/?a=<1>&b", "Version": 3, "LastModifiedDate": 1700000000.25}} 200`,

		"ssm missing":      `ParameterNotFound ParameterNotFound: Parameter /app/none not found. 400`,
		"ssm invalid":      `ValidationException ValidationException: 1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1 400`,
		"ssm wrong type":   `ClientError SerializationException: NUMBER_VALUE can not be converted to a String 400`,
		"ssm denied":       `AccessDeniedException AccessDeniedException: User: arn:aws:iam::123456789012:user/example is not authorized to perform: ssm:DeleteParameter on resource: arn:aws:ssm:us-west-2:123456789012:parameter/app/url 400`,
		"ssm not here":     `ClientError UnknownOperationException: bailey does not have ssm:CreateDocument; forward it with upstreams: in bailey.yaml 400`,
		"ssm wrong key":    `ClientError UnrecognizedClientException: The security token included in the request is invalid. 400`,
		"ssm wrong secret": `ClientError InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details. 400`,
		"ssm token":        `ClientError UnrecognizedClientException: The security token included in the request is invalid. 400`,

		"sts identity":     `result {"UserId": "AIDAEXAMPLE", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/example"} 200`,
		"sts assume":       `result {"Credentials": {"AccessKeyId": "ASIAEXAMPLE", "Expiration": 1700000900.0}, "AssumedRoleUser": {"Arn": ""}, "SourceIdentity": "a1b2 & 3"} 200`,
		"sts malformed":    `ClientError MalformedInput: STRING_VALUE can not be converted to an Integer 400 Sender`,
		"sts unsigned":     `result {"Provider": "signed by ''"} 200`,
		"sts not here":     `ClientError InvalidAction: bailey does not have sts:GetSessionToken; forward it with upstreams: in bailey.yaml 400 Sender`,
		"sts wrong key":    `ClientError InvalidClientTokenId: The security token included in the request is invalid. 403 Sender`,
		"sts wrong secret": `ClientError SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details. 403 Sender`,

		"lambda invoke":    `result {"StatusCode": 200, "ExecutedVersion": "live", "Payload": "{\"name\":\"f\",\"event\":{\"n\": 1}}"} 200`,
		"lambda arn":       `result {"StatusCode": 200, "ExecutedVersion": "", "Payload": "{\"name\":\"arn:aws:lambda:us-west-2:123456789012:function:f\",\"event\":{}}"} 200`,
		"lambda event":     `result {"StatusCode": 202, "Payload": ""} 202`,
		"lambda missing":   `ResourceNotFoundException ResourceNotFoundException: Function not found: none 404`,
		"lambda throttled": `TooManyRequestsException TooManyRequestsException: Rate Exceeded. 429`,
		"lambda broken":    `ClientError InternalFailure: context deadline exceeded 500`,
		"lambda wrong key": `ClientError UnrecognizedClientException: The security token included in the request is invalid. 403`,
		"lambda not here":  `ClientError UnknownOperationException: bailey does not have lambda: PUT /2017-10-31/functions/f/concurrency; forward it with upstreams: in bailey.yaml 404`,
		"lambda listed":    `ClientError UnknownOperationException: bailey does not have lambda:DeleteFunction; forward it with upstreams: in bailey.yaml 404`,

		"dynamodb": `ClientError UnknownOperationException: bailey does not have dynamodb:GetItem; forward it with upstreams: in bailey.yaml 400`,
		"sqs":      `ClientError UnknownOperationException: bailey does not have sqs:ListQueues; forward it with upstreams: in bailey.yaml 400`,
		"iam":      `ClientError InvalidAction: bailey does not have iam; forward it with upstreams: in bailey.yaml 400 Sender`,
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		var s clientStep
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		if wanted, ok := want[s.Step]; !ok || !s.is(wanted) {
			t.Errorf("%s:\n got %s\nwant %s", s.Step, s, wanted)
		}
		delete(want, s.Step)
	}
	for step := range want {
		t.Errorf("no answer for %s", step)
	}
}

// A clientStep is one line of testdata/client.py.
type clientStep struct {
	Step      string
	Result    map[string]any
	Exception string
	Response  struct {
		Error            struct{ Code, Message, Type string }
		ResponseMetadata struct {
			HTTPStatusCode json.Number
			RequestID      string `json:"RequestId"`
		}
	}
}

// String gives "EXCEPTION CODE: MESSAGE STATUS [TYPE]", the exception being the
// class that boto3 raised, or "result JSON STATUS".
func (s clientStep) String() string {
	if s.Exception != "" {
		e := s.Response.Error
		if s.Response.ResponseMetadata.RequestID == "" && s.Response.ResponseMetadata.HTTPStatusCode != "" {
			e.Code = "NO REQUEST ID " + e.Code
		}
		return strings.TrimSpace(s.Exception + " " + e.Code + ": " + e.Message + " " +
			s.Response.ResponseMetadata.HTTPStatusCode.String() + " " + e.Type)
	}
	b, _ := json.Marshal(s.Result)
	return "result " + string(b)
}

// is compares results as JSON, not as text.
func (s clientStep) is(want string) bool {
	if s.Exception != "" {
		return s.String() == want
	}
	text, _ := strings.CutPrefix(want, "result ")
	text, status := text[:strings.LastIndexByte(text, ' ')], text[strings.LastIndexByte(text, ' ')+1:]
	var wanted map[string]any
	if err := json.Unmarshal([]byte(text), &wanted); err != nil {
		return false
	}
	metadata, _ := s.Result["ResponseMetadata"].(map[string]any)
	got := map[string]any{}
	for k, v := range s.Result {
		if k != "ResponseMetadata" {
			got[k] = v
		}
	}
	code, _ := json.Marshal(metadata["HTTPStatusCode"])
	return reflect.DeepEqual(got, wanted) && string(code) == status && metadata["RequestId"] != nil
}

// The AWS CLI, as a user types it.
func TestAWSCLI(t *testing.T) {
	aws, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no AWS CLI on this machine: ", err)
	}
	srv := httptest.NewServer(newRouter(t, testConfig()))
	defer srv.Close()
	tests := []struct {
		args string
		want string
	}{
		{"ssm get-parameter --name /app/url --query Parameter.Value --output text", "https://x/?a=<1>&b"},
		{"ssm get-parameter --name /app/none", "(ParameterNotFound) when calling the GetParameter operation: Parameter /app/none not found."},
		{"sts get-caller-identity --query Arn --output text", "arn:aws:iam::123456789012:user/example"},
		{"lambda delete-function --function-name f", "bailey does not have lambda:DeleteFunction; forward it"},
	}
	for _, tt := range tests {
		cmd := exec.Command(aws, append([]string{"--endpoint-url", srv.URL, "--region", "us-west-2"}, strings.Fields(tt.args)...)...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+exampleKey, "AWS_SECRET_ACCESS_KEY="+exampleSecret,
			"AWS_SESSION_TOKEN=", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=")
		out, _ := cmd.CombinedOutput() // the text says how it ended
		if !strings.Contains(string(out), tt.want) {
			t.Errorf("aws %s:\n%s\nwant %s", tt.args, out, tt.want)
		}
	}
}
