package take

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"bailey/cloud"
	"bailey/services/wire/wiretest"
	"bailey/source"
)

// moto starts the emulator of that name and gives its address; empty where the
// machine has none, and what needs it is then held by TestRunWritesWhatIsRead.
func moto(t *testing.T) string {
	t.Helper()
	server, err := exec.LookPath("moto_server")
	if err != nil {
		return ""
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), server, "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Wait(); err == nil {
			t.Error("moto_server ended by itself")
		}
	})
	address := "http://127.0.0.1:" + port
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 600 {
		if res, err := http.Get(address + "/moto-api/"); err == nil {
			res.Body.Close()
			return address
		}
		<-tick.C
	}
	t.Fatal("moto_server does not answer")
	return ""
}

// printed are commands of the CLI, with the files in which the same is taken.
var printed = map[string]string{
	"ec2 describe-vpcs": "Vpcs", "ec2 describe-subnets": "Subnets", "ec2 describe-route-tables": "RouteTables", "ec2 describe-network-acls": "NetworkAcls", "ec2 describe-security-groups": "SecurityGroups",
	"ec2 describe-vpc-endpoints": "VpcEndpoints", "ec2 describe-network-interfaces": "NetworkInterfaces", "ec2 describe-instances": "Reservations", "lambda list-functions": "Functions",
	"iam get-account-authorization-details --filter Role User Group LocalManagedPolicy": "RoleDetailList",
	"apigateway get-rest-apis": "RestApis", "apigatewayv2 get-apis": "HttpApis", "s3api get-bucket-notification-configuration --bucket photos": "LambdaFunctionConfigurations.photos",
}

// What Run takes of an account is what the AWS CLI prints of it: every field that
// is kept, with the same name, type and value. And it is the architecture that
// was made, with the path from the function to its store.
func TestRunAgainstAnEmulator(t *testing.T) {
	address := moto(t)
	if address == "" {
		return
	}
	if out, err := exec.Command(wiretest.Python(t), "testdata/account.py", address).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing"}, nil
	})
	c := Config{Dir: filepath.Join(t.TempDir(), "snap"), Region: "us-west-2", Endpoint: address, Credentials: keys, Wait: func(context.Context, time.Duration) error { return nil }}
	account, err := Account(t.Context(), c)
	if err != nil || account != "123456789012" {
		t.Fatal(account, err)
	}
	if _, err := Run(t.Context(), c, account); err != nil {
		t.Fatal(err)
	}
	spec := read(t, c.Dir)
	if len(spec.Functions) != 1 || len(spec.Instances) != 1 || spec.Instances[0].Name != "Store" || len(spec.Endpoints) != 1 || len(spec.Roles) != 1 || len(spec.APIs) != 2 {
		t.Errorf("got %d functions, %d instances, %d endpoints, %d roles", len(spec.Functions), len(spec.Instances), len(spec.Endpoints), len(spec.Roles))
	}
	if b := spec.Buckets; len(b) != 1 || len(b[0].Notify) != 1 || len(b[0].Notify[0].Events) != 2 || b[0].Notify[0].Prefix != "in/" || b[0].Notify[0].Target.Or(cloud.ARN{}) != spec.Functions[0].ARN || b[0].BlockPublic.Or(true) {
		t.Errorf("the buckets are %+v", b)
	}
	if len(spec.Keys) != 1 || len(spec.Keys[0].Aliases) != 1 || spec.Keys[0].Policy.Doc.Kind != source.Map || len(spec.Tables) != 1 || len(spec.Tables[0].Doc.Entries) == 0 {
		t.Errorf("the keys are %+v, the tables %+v", spec.Keys, spec.Tables)
	}
	if g, p := spec.LogGroups, spec.UserPools; len(g) == 0 || !slices.ContainsFunc(g, func(g cloud.LogGroup) bool { return g.GroupName == "/app" && len(g.Filters) == 1 }) || len(p) != 1 || len(p[0].Triggers) != 1 || len(p[0].Clients) != 1 {
		t.Errorf("the log groups are %+v, the pools %+v", g, p)
	}
	if s, n := spec.Schedules, spec.Topics; len(s) != 1 || s[0].Expression != "rate(1 hour)" || s[0].Target.Role.Or("") == "" || len(n) != 1 || len(n[0].Subscriptions) != 1 || n[0].Policy == nil {
		t.Errorf("the schedules are %+v, the topics %+v", s, n)
	}
	secrets(t, c.Dir)
	for _, a := range spec.APIs {
		if len(a.Routes) != 1 || len(a.Stages) != 1 || a.Routes[0].Integration.Function.Or(cloud.ARN{}) != spec.Functions[0].ARN {
			t.Errorf("the API is %+v", a)
		}
	}
	cli := wiretest.CLI(t)
	for command, name := range printed {
		cmd := exec.Command(cli, append(strings.Fields(command), "--endpoint-url", address, "--region", "us-west-2", "--output", "json")...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_PAGER=")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("aws %s: %v", command, err)
		}
		own, err := os.ReadFile(filepath.Join(c.Dir, name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var theirs, ours map[string]any
		if err := json.Unmarshal(out, &theirs); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(own, &ours); err != nil {
			t.Fatal(err)
		}
		within(t, name, ours, theirs)
	}
}

// secrets reports a file with a client's secret, which is never asked for.
func secrets(t *testing.T, dir string) {
	t.Helper()
	for _, f := range files(t, dir) {
		if strings.Contains(string(f.Data), "ClientSecret") {
			t.Errorf("%s has a secret", f.Name)
		}
	}
}

// within reports what of ours is not the same in theirs. A list that is empty may
// be absent there.
func within(t *testing.T, at string, ours, theirs any) {
	switch o := ours.(type) {
	case map[string]any:
		m, _ := theirs.(map[string]any)
		for key, v := range o {
			within(t, at+"."+key, v, m[key])
		}
	case []any:
		list, _ := theirs.([]any)
		if len(list) != len(o) {
			t.Errorf("%s: %d items, and the CLI prints %d", at, len(o), len(list))
			return
		}
		for i, v := range o {
			within(t, fmt.Sprintf("%s[%d]", at, i), v, list[i])
		}
	default:
		if ours != theirs {
			t.Errorf("%s: %#v, and the CLI prints %#v", at, ours, theirs)
		}
	}
}
