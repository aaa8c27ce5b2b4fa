package wire

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"bailey/services/wire/wiretest"
)

// What boto3 makes of our answers: its parsed results and its exceptions.
func TestBoto3(t *testing.T) {
	srv := httptest.NewServer(newRouter(t, testConfig()))
	defer srv.Close()
	want := map[string]string{
		"ssm get": `result {"Parameter": {"Name": "/app/url", "Type": "String", "Value": "https://x/?a=<1>&b", "Version": 3, "LastModifiedDate": 1700000000.25}} 200`,

		"ssm missing":      `ParameterNotFound: Parameter /app/none not found. 400`,
		"ssm invalid":      `ValidationException: 1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1 400`,
		"ssm wrong type":   `SerializationException: NUMBER_VALUE can not be converted to a String 400`,
		"ssm denied":       `AccessDeniedException: User: arn:aws:iam::123456789012:user/example is not authorized to perform: ssm:DeleteParameter on resource: arn:aws:ssm:us-west-2:123456789012:parameter/app/url 400`,
		"ssm not here":     `UnknownOperationException: bailey does not have ssm:CreateDocument yet 400`,
		"ssm wrong key":    `UnrecognizedClientException: The security token included in the request is invalid. 400`,
		"ssm wrong secret": `InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details. 400`,
		"ssm token":        `UnrecognizedClientException: The security token included in the request is invalid. 400`,

		"sts identity":     `result {"UserId": "AIDAEXAMPLE", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/example"} 200`,
		"sts assume":       `result {"Credentials": {"AccessKeyId": "ASIAEXAMPLE", "Expiration": 1700000900.0}, "AssumedRoleUser": {"Arn": ""}, "SourceIdentity": "a1b2 & 3"} 200`,
		"sts malformed":    `MalformedInput: STRING_VALUE can not be converted to an Integer 400 Sender`,
		"sts unsigned":     `result {"Provider": "signed by ''"} 200`,
		"sts not here":     `InvalidAction: bailey does not have sts:GetSessionToken yet 400 Sender`,
		"sts wrong key":    `InvalidClientTokenId: The security token included in the request is invalid. 403 Sender`,
		"sts wrong secret": `SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details. 403 Sender`,

		"lambda invoke":    `result {"StatusCode": 200, "ExecutedVersion": "live", "Payload": "{\"name\":\"f\",\"event\":{\"n\": 1}}"} 200`,
		"lambda arn":       `result {"StatusCode": 200, "ExecutedVersion": "", "Payload": "{\"name\":\"arn:aws:lambda:us-west-2:123456789012:function:f\",\"event\":{}}"} 200`,
		"lambda event":     `result {"StatusCode": 202, "Payload": ""} 202`,
		"lambda missing":   `ResourceNotFoundException: Function not found: none 404`,
		"lambda throttled": `TooManyRequestsException: Rate Exceeded. 429`,
		"lambda broken":    `InternalFailure: context deadline exceeded 500`,
		"lambda wrong key": `UnrecognizedClientException: The security token included in the request is invalid. 403`,
		"lambda not here":  `UnknownOperationException: bailey does not have lambda: PUT /2017-10-31/functions/f/concurrency yet 404`,
		"lambda listed":    `UnknownOperationException: bailey does not have lambda:DeleteFunction yet 404`,

		"dynamodb": `UnknownOperationException: bailey does not have dynamodb:GetItem yet 400`,
		"kinesis":  `UnknownOperationException: bailey does not have kinesis:ListStreams yet 400`,
		"iam":      `InvalidAction: bailey does not have iam yet 400 Sender`,
	}
	steps, err := os.ReadFile("testdata/steps.py")
	if err != nil {
		t.Fatal(err)
	}
	wiretest.Compare(t, wiretest.Boto3(t, srv.URL, exampleCaller, string(steps)), want)
}

var exampleCaller = wiretest.Caller{Key: exampleKey, Secret: exampleSecret, Region: "us-west-2"}

// The AWS CLI, as a user types it.
func TestAWSCLI(t *testing.T) {
	srv := httptest.NewServer(newRouter(t, testConfig()))
	defer srv.Close()
	tests := []struct {
		args string
		want string
	}{
		{"ssm get-parameter --name /app/url --query Parameter.Value --output text", "https://x/?a=<1>&b"},
		{"ssm get-parameter --name /app/none", "(ParameterNotFound) when calling the GetParameter operation: Parameter /app/none not found."},
		{"sts get-caller-identity --query Arn --output text", "arn:aws:iam::123456789012:user/example"},
		{"lambda delete-function --function-name f", "bailey does not have lambda:DeleteFunction yet"},
	}
	for _, tt := range tests {
		out, _ := wiretest.AWS(t, srv.URL, exampleCaller, strings.Fields(tt.args)...) // the text says how it ended
		if !strings.Contains(out, tt.want) {
			t.Errorf("aws %s:\n%s\nwant %s", tt.args, out, tt.want)
		}
	}
}
