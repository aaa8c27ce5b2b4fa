package world

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
)

const poolID = "us-west-2_Pool00001"

// withPool adds a user pool to an example.
func withPool(s *cloud.Spec) {
	s.UserPools = append(s.UserPools, cloud.UserPool{Meta: cloud.Meta{Name: "Users"}, ID: poolID, PoolName: "users", MFA: "OFF", CaseSensitive: true,
		ARN:      cloud.ARN{Partition: "aws", Service: "cognito-idp", Region: s.Region, Account: s.Account, Resource: "userpool/" + poolID},
		Password: cloud.PasswordPolicy{MinLength: 8, TemporaryDays: 7},
		Clients:  []cloud.PoolClient{{Meta: cloud.Meta{Name: "Web"}, ID: "webclient", Flows: []string{"ALLOW_USER_PASSWORD_AUTH"}}}})
}

// insider is an HTTP client in a function's network, with what its sandbox
// trusts.
func insider(t *testing.T, w *World, function string) *http.Client {
	t.Helper()
	f, _ := w.Model().Function(function)
	pl, err := w.openPlace("test", f, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pl.Close() })
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.authority.pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		return pl.ns.Dial(ctx, network, netip.AddrPortFrom(cloud.PublicAddr(host, "us-west-2"), 443).String())
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// kids are those that a JWKS has.
func kids(t *testing.T, c *http.Client, url string) (out []string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var set struct{ Keys []struct{ Kid string } }
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	for _, k := range set.Keys {
		out = append(out, k.Kid)
	}
	return out
}

// A user pool answers on its own host name for a function outside the VPC, on
// the host's port for everybody else; its keys are rotated by command.
func TestUserPools(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states", func(s *cloud.Spec) { s.Functions[0].Network = nil }, withPool)
	inside := insider(t, w, "PingFunction")
	const host = "https://cognito-idp.us-west-2.amazonaws.com"
	atFirst := kids(t, inside, host+"/"+poolID+"/.well-known/jwks.json")
	outside := kids(t, http.DefaultClient, "http://"+w.Address()+"/"+poolID+"/.well-known/jwks.json")
	if len(atFirst) != 2 || !slices.Equal(atFirst, outside) {
		t.Errorf("inside %v, outside %v", atFirst, outside)
	}
	for _, called := range []string{"Users", poolID} { // its logical ID, and its own
		reply, err := w.changeKeys(KeysRequest{Pool: called})
		if err != nil || reply.Pool != poolID || len(reply.KIDs) < 4 {
			t.Errorf("rotate %s: %+v, %v", called, reply, err)
		}
	}
	reply, err := w.changeKeys(KeysRequest{Pool: "Users", Withdraw: true})
	if now := kids(t, inside, host+"/"+poolID+"/.well-known/jwks.json"); err != nil || !slices.Equal(now, reply.KIDs) || len(now) != 2 || now[0] == atFirst[0] {
		t.Errorf("withdrawn: %v, published %v, %v", reply, now, err)
	}
	if _, err := w.changeKeys(KeysRequest{Pool: "User"}); err == nil || err.Error() != "there is no user pool User; there are: Users" {
		t.Errorf("a pool that is not there: %v", err)
	}

	// Signing up asks for no signature.
	body := `{"ClientId": "webclient", "Username": "ada", "Password": "right-pass1"}`
	req, _ := http.NewRequest(http.MethodPost, host+"/", strings.NewReader(body))
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")
	resp, err := inside.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); !strings.Contains(string(answer), `"UserConfirmed":false`) {
		t.Errorf("sign up: %s", answer)
	}
}

// A trigger runs only by the function's own permission.
func TestTriggerNeedsAPermission(t *testing.T) {
	t.Parallel()
	var function cloud.ARN
	w := start(t, "../examples/rootski/states", withPool, func(s *cloud.Spec) { function = s.Functions[0].ARN })
	poolARN := cloud.ARN{Partition: "aws", Service: "cognito-idp", Region: w.Model().Region(), Account: w.Model().Account(), Resource: "userpool/" + poolID}.String()
	if _, _, err := w.runTrigger(t.Context(), poolARN, function.String(), []byte("{}")); err == nil || err.Error() != "AccessDeniedException" {
		t.Errorf("without a permission: %v", err)
	}
	next, diags := w.Model().With(func(s *cloud.Spec) {
		s.Permissions = append(s.Permissions, cloud.Permission{Meta: cloud.Meta{Name: "Permission"}, Function: cloud.Known(function),
			Action: cloud.Known("lambda:InvokeFunction"), Principal: cloud.Known("cognito-idp.amazonaws.com"), SourceARN: cloud.Known(poolARN)})
	})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	if err := w.Apply(next); err != nil {
		t.Fatal(err)
	}
	answer, failure, err := w.runTrigger(t.Context(), poolARN, function.String(), []byte("{}"))
	if err != nil || failure != "" || len(answer) == 0 {
		t.Errorf("with one: %s, %q, %v", answer, failure, err)
	}
	if _, _, err := w.runTrigger(t.Context(), poolARN+"x", function.String(), []byte("{}")); err == nil || err.Error() != "AccessDeniedException" {
		t.Errorf("for another pool: %v", err)
	}
}
