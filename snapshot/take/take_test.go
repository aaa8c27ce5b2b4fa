package take

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"bailey/cloud"
	"bailey/path"
	"bailey/snapshot"
)

// A fakeAWS answers as AWS does, from a table by operation; what is not in it is
// not allowed.
type fakeAWS struct {
	t       *testing.T
	answers map[string]func(r *http.Request) (status int, body string)
	mu      sync.Mutex
	asked   []string
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		f.t.Error(err)
	}
	op := r.Form.Get("Action")
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		op = target
	}
	if op == "" {
		op = r.URL.Path
	}
	f.mu.Lock()
	f.asked = append(f.asked, op)
	f.mu.Unlock()
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKIDTEST/") {
		f.t.Errorf("%s is not signed: %q", op, r.Header.Get("Authorization"))
	}
	answer, ok := f.answers[op]
	if !ok {
		w.WriteHeader(403)
		fmt.Fprint(w, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>you may not</Message></Error></Errors></Response>`)
		return
	}
	status, body := answer(r)
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func text200(body string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return 200, body }
}

// start serves f and gives a Config that asks it, without ever waiting.
func (f *fakeAWS) start(t *testing.T) (Config, *[]time.Duration) {
	t.Helper()
	f.t = t
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	var mu sync.Mutex
	waited := &[]time.Duration{}
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDTEST", SecretAccessKey: "secret"}, nil
	})
	return Config{Dir: filepath.Join(t.TempDir(), "snap"), Region: "eu-west-1", Endpoint: server.URL, Credentials: keys, Wait: func(ctx context.Context, d time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		*waited = append(*waited, d)
		return ctx.Err()
	}}, waited
}

// small is an account with a VPC of two pages, a function without a policy and a
// database that is not here.
func small() *fakeAWS {
	vpc := func(id, cidr string) string {
		return `<item><vpcId>` + id + `</vpcId><cidrBlock>` + cidr + `</cidrBlock><isDefault>false</isDefault><ownerId>111122223333</ownerId><tagSet><item><key>Name</key><value>true</value></item></tagSet></item>`
	}
	return &fakeAWS{answers: map[string]func(*http.Request) (int, string){
		"DescribeVpcs": func(r *http.Request) (int, string) {
			switch r.Form.Get("NextToken") {
			case "":
				return 200, `<DescribeVpcsResponse><vpcSet>` + vpc("vpc-1", "10.0.0.0/16") + `</vpcSet><nextToken>more</nextToken></DescribeVpcsResponse>`
			case "more":
				return 200, `<DescribeVpcsResponse><vpcSet>` + vpc("vpc-2", "10.1.0.0/16") + `</vpcSet></DescribeVpcsResponse>`
			}
			return 400, `<Response><Errors><Error><Code>InvalidNextToken</Code></Error></Errors></Response>`
		},
		"DescribeVpcAttribute": func(r *http.Request) (int, string) {
			name := strings.ToLower(r.Form.Get("Attribute")[:1]) + r.Form.Get("Attribute")[1:]
			return 200, `<R><vpcId>` + r.Form.Get("VpcId") + `</vpcId><` + name + `><value>true</value></` + name + `></R>`
		},
		"/2015-03-31/functions": text200(`{"Functions": [{"FunctionName": "fn", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:fn", "Role": "arn:aws:iam::111122223333:role/fn"}], "NextMarker": null}`),
		"/2015-03-31/functions/fn/policy": func(*http.Request) (int, string) {
			return 404, `{"Type": "User", "__type": "ResourceNotFoundException", "Message": "none"}`
		},
		"/2019-09-30/functions/fn/concurrency": text200(`{}`),
		"GetAccountAuthorizationDetails": text200(`<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated><RoleDetailList><member><RoleName>fn</RoleName>
			<Arn>arn:aws:iam::111122223333:role/fn</Arn><AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument></member></RoleDetailList></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`),
		"/2013-04-01/hostedzone":    text200(`<R><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>corp.example.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone></HostedZones><IsTruncated>false</IsTruncated></R>`),
		"/2013-04-01/hostedzone/Z1": text200(`<R><HostedZone><Id>/hostedzone/Z1</Id></HostedZone><VPCs><VPC><VPCRegion>eu-west-1</VPCRegion><VPCId>vpc-1</VPCId></VPC></VPCs></R>`),
		"/2013-04-01/hostedzone/Z1/rrset": func(r *http.Request) (int, string) {
			if r.Form.Get("name") == "" {
				return 200, `<R><ResourceRecordSets><ResourceRecordSet><Name>a.corp.example.</Name><Type>A</Type><ResourceRecords><ResourceRecord><Value>10.0.0.9</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></ResourceRecordSets><IsTruncated>true</IsTruncated><NextRecordName>b.corp.example.</NextRecordName><NextRecordType>A</NextRecordType></R>`
			}
			return 200, `<R><ResourceRecordSets><ResourceRecordSet><Name>` + r.Form.Get("name") + `</Name><Type>` + r.Form.Get("type") + `</Type></ResourceRecordSet></ResourceRecordSets></R>`
		},
		"/restapis": func(r *http.Request) (int, string) {
			if r.Header.Get("Accept") != "application/json" {
				return 200, `{"_embedded": {"item": []}}` // HAL
			}
			if r.Form.Get("position") == "" {
				return 200, `{"item": [{"id": "rest1", "name": "one", "apiKeySource": "HEADER", "createdDate": 1.7e9, "endpointConfiguration": {"types": ["REGIONAL"]}}], "position": "more"}`
			}
			return 200, `{"item": [{"id": "rest2", "name": "two", "apiKeySource": "HEADER", "endpointConfiguration": {"types": ["EDGE"]}}]}`
		},
		"/restapis/rest1/resources": func(r *http.Request) (int, string) {
			return 200, `{"item": [{"id": "r1", "path": "/", "resourceMethods": {"GET": ` + map[string]string{"methods": `{"httpMethod": "GET", "authorizationType": "AWS_IAM", "apiKeyRequired": false}`, "": "{}"}[r.Form.Get("embed")] + `}}]}`
		},
		"/restapis/rest1/stages":      text200(`{"item": [{"stageName": "prod", "deploymentId": "d1", "createdDate": 1.7e9}]}`),
		"/restapis/rest1/authorizers": text200(`{}`),
		"/v2/apis": func(r *http.Request) (int, string) {
			if r.Form.Get("nextToken") == "" {
				return 200, `{"items": [{"apiId": "http1", "name": "three", "protocolType": "HTTP", "tags": {"owner": "me"}}], "nextToken": "more"}`
			}
			return 200, `{"items": []}`
		},
		"/v2/apis/http1/routes":        text200(`{"items": [{"routeId": "r1", "routeKey": "GET /", "authorizationType": "NONE", "target": "integrations/i1"}]}`),
		"/v2/apis/http1/integrations":  text200(`{"items": [{"integrationId": "i1", "integrationType": "AWS_PROXY", "integrationUri": "arn:aws:lambda:eu-west-1:111122223333:function:fn", "payloadFormatVersion": "2.0", "requestParameters": {"append:header.x": "y"}}]}`),
		"AmazonSQS.ListQueues":         text200(`{"QueueUrls": ["https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"]}`),
		"AmazonSQS.GetQueueAttributes": text200(`{"Attributes": {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:jobs", "VisibilityTimeout": "30"}}`),
	}}
}

func files(t *testing.T, dir string) []snapshot.File {
	t.Helper()
	names, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	var out []snapshot.File
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, snapshot.File{Name: name, Path: filepath.Base(name), Data: data})
	}
	return out
}

// read makes the Spec of a snapshot.
func read(t *testing.T, dir string) cloud.Spec {
	t.Helper()
	s, diags := snapshot.Read(dir, files(t, dir))
	if diags.HasErrors() || len(s.Environments()) != 1 {
		t.Fatal(diags, s.Environments())
	}
	spec, diags := s.Spec(s.Environments()[0], cloud.Spec{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return spec
}

// What is written is what the reader reads: pages joined, what there is none of
// told apart from what may not be asked.
func TestRunWritesWhatIsRead(t *testing.T) {
	c, _ := small().start(t)
	out, err := Run(t.Context(), c, "111122223333")
	if err != nil {
		t.Fatal(err)
	}
	spec := read(t, c.Dir)
	if spec.Account != "111122223333" || spec.Region != "eu-west-1" || len(spec.VPCs) != 2 || len(spec.Functions) != 1 || len(spec.Roles) != 1 || len(spec.Permissions) != 0 || len(spec.Queues) != 1 {
		t.Errorf("got %+v", spec)
	}
	if z := spec.HostedZones; len(z) != 1 || len(z[0].Records) != 2 || !slices.Equal(z[0].VPCs, []cloud.VPCID{"vpc-1"}) || len(z[0].Open) > 0 {
		t.Errorf("the zones are %+v", z)
	}
	if v := spec.VPCs[0]; v.Name != "true (vpc-1)" || !v.DNSHostnames.Or(false) {
		t.Errorf("the VPC is %+v", v)
	}
	if a := spec.APIs; len(a) != 3 || a[0].ID != "rest1" || len(a[0].Routes) != 1 || a[0].Routes[0].Auth.Kind != cloud.AuthIAM || len(a[0].Open) > 0 || len(a[1].Open) != 1 || len(a[2].Routes) != 1 ||
		a[2].Routes[0].Integration.Function.Or(cloud.ARN{}).Resource != "function:fn" || a[2].Routes[0].Integration.Params["append:header.x"] != "y" {
		t.Errorf("the APIs are %+v", a)
	}
	failed := map[string]bool{}
	for _, f := range out.Failed {
		failed[f.Command] = true
		var why *Failure
		if !errors.As(f.Err, &why) || why.Code != "UnauthorizedOperation" {
			t.Errorf("%s failed for %v", f.Command, f.Err)
		}
	}
	if !failed["ec2 describe-subnets"] || failed["lambda get-policy"] || failed["ec2 describe-vpcs"] {
		t.Errorf("failed: %v", failed)
	}
	for _, f := range files(t, c.Dir) {
		if info, err := os.Stat(f.Name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is open to others: %v %v", f.Name, info, err)
		}
	}
	m, diags := cloud.New(spec)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if a := path.Resolve(m, "vpc-1", "a.corp.example"); len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Because, "ec2 describe-vpc-endpoints") {
		t.Errorf("the name means %+v", a)
	}
}

// A second run makes only the calls that have no file, whoever wrote the files;
// a run into another account's folder makes none.
func TestRunGoesOn(t *testing.T) {
	f := small()
	c, _ := f.start(t)
	if _, err := Run(t.Context(), c, "111122223333"); err != nil {
		t.Fatal(err)
	}
	f.asked = nil
	if err := os.Remove(filepath.Join(c.Dir, "EnableDnsSupport.vpc-2.json")); err != nil {
		t.Fatal(err)
	}
	kept := 0
	c.Progress = func(s Step) {
		if s.Kept {
			kept++
		}
	}
	if _, err := Run(t.Context(), c, "111122223333"); err != nil {
		t.Fatal(err)
	}
	answered := 0
	for _, op := range f.asked {
		if _, ok := f.answers[op]; ok {
			answered++
		}
	}
	if answered != 1 || kept < 4 || slices.Contains(f.asked, "DescribeVpcs") {
		t.Errorf("asked again: %v, kept %d", f.asked, kept)
	}
	if _, err := Run(t.Context(), c, "999999999999"); err == nil || !strings.Contains(err.Error(), "choose another folder") {
		t.Errorf("another account's snapshot went on with it: %v", err)
	}
}

// A run that is stopped leaves whole files only, and says that it was stopped.
func TestRunStops(t *testing.T) {
	f := small()
	ctx, stop := context.WithCancel(t.Context())
	vpcs := f.answers["DescribeVpcs"]
	f.answers["DescribeVpcs"] = func(r *http.Request) (int, string) {
		if r.Form.Get("NextToken") != "" {
			stop()
		}
		return vpcs(r)
	}
	c, _ := f.start(t)
	if _, err := Run(ctx, c, "111122223333"); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ended with %v", err)
	}
	if got := files(t, c.Dir); len(got) != 1 || filepath.Base(got[0].Name) != header {
		t.Errorf("there are %d files", len(got))
	}
}

// AWS is asked again where it is busy, later each time, and not where it refuses.
func TestBusyServicesAreAskedLater(t *testing.T) {
	f := small()
	n := 0
	f.answers["DescribeSubnets"] = func(*http.Request) (int, string) {
		if n++; n < 6 {
			return 503, `<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>`
		}
		return 200, `<R><subnetSet/></R>`
	}
	f.answers["DescribeRouteTables"] = func(*http.Request) (int, string) {
		return 500, `<Response><Errors><Error><Code>InternalError</Code></Error></Errors></Response>`
	}
	c, waited := f.start(t)
	out, err := Run(t.Context(), c, "111122223333")
	if err != nil {
		t.Fatal(err)
	}
	if n != 6 || len(*waited) != 5+broken-1 {
		t.Errorf("asked %d times, waited %v", n, *waited)
	}
	for i := range 4 {
		if a, b := (*waited)[i], (*waited)[i+1]; b > 6*a || b > longest*3/2 {
			t.Errorf("waited %v and then %v", a, b)
		}
	}
	if sum := (*waited)[4]; sum < 4*time.Second {
		t.Errorf("the fifth wait is %v only", sum)
	}
	if !slices.ContainsFunc(out.Failed, func(s Step) bool { return s.Command == "ec2 describe-route-tables" }) {
		t.Error("what fails each time is not told")
	}
	if slices.ContainsFunc(out.Failed, func(s Step) bool { return s.Command == "ec2 describe-subnets" }) {
		t.Error("what was answered at last failed")
	}
}

// An answer that is none is told as a failure of its call: no file is written.
func TestStrangeAnswers(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "no XML": "<html", "two roots": "<a/><b/>", "a wrong number": `<R><natGatewaySet/><subnetSet><item><availableIpAddressCount>x</availableIpAddressCount></item></subnetSet></R>`,
		"deep": strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000), "the same page": `<R><subnetSet/><nextToken>again</nextToken></R>`,
	} {
		f := small()
		f.answers["DescribeSubnets"] = text200(body)
		c, _ := f.start(t)
		out, err := Run(t.Context(), c, "111122223333")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(out.Failed, func(s Step) bool { return s.Command == "ec2 describe-subnets" }) {
			t.Errorf("%s: taken for an answer", name)
		}
		if _, err := os.Stat(filepath.Join(c.Dir, "Subnets.json")); err == nil {
			t.Errorf("%s: a file was written", name)
		}
	}
}

// Each partition has its addresses, and its region for what is global.
func TestEndpoints(t *testing.T) {
	for _, x := range []struct{ region, service, host, signed string }{
		{"eu-west-1", "ec2", "https://ec2.eu-west-1.amazonaws.com", "eu-west-1"}, {"eu-west-1", "iam", "https://iam.amazonaws.com", "us-east-1"},
		{"cn-north-1", "ec2", "https://ec2.cn-north-1.amazonaws.com.cn", "cn-north-1"}, {"cn-northwest-1", "iam", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{"us-gov-east-1", "route53", "https://route53.us-gov.amazonaws.com", "us-gov-west-1"},
	} {
		c := newClient(Config{Region: x.region})
		if s := services[x.service]; c.endpoint(s) != x.host || c.signingRegion(s) != x.signed {
			t.Errorf("%s in %s is %s, signed for %s", x.service, x.region, c.endpoint(s), c.signingRegion(s))
		}
	}
}
