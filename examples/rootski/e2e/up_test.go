package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/jackc/pgx/v5"
)

// bailey is the command, built once from this repository.
var bailey string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "rootski-")
	if err == nil {
		bailey = filepath.Join(dir, "bailey")
		cmd := exec.Command("go", "build", "-o", bailey, "./cmd/bailey")
		cmd.Dir, cmd.Stderr = "../../..", os.Stderr
		err = cmd.Run()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// A world is one `bailey up` of the example.
type world struct {
	t      *testing.T
	state  string
	cmd    *exec.Cmd
	status struct {
		Address   string
		PID       int
		APIs      []struct{ Name, Local string }
		UserPools []struct {
			ID      string
			Clients map[string]string
		} `json:"user_pools"`
		Workloads []struct{ Name, State string }
	}
}

// up starts the example with its state in a folder, and returns when it says
// that it is up.
func up(t *testing.T, state string) *world {
	t.Helper()
	w := &world{t: t, state: state, cmd: exec.Command(bailey, "up", "..", "--state", state, "--listen", "127.0.0.1:0")}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := new(strings.Builder)
	w.cmd.Stderr = said
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "up in ") {
	}
	text, err := exec.Command(bailey, "status", "--json", "--state", state).Output()
	if err != nil {
		t.Fatalf("status: %v\n%s", err, said)
	}
	if err := json.Unmarshal(text, &w.status); err != nil {
		t.Fatal(err)
	}
	for _, load := range w.status.Workloads {
		if load.Name == "Web" && strings.Contains(load.State, "not run") {
			t.Skip(load.State)
		}
	}
	return w
}

// stop ends it as ctrl-c does.
func (w *world) stop() {
	w.t.Helper()
	w.cmd.Process.Signal(syscall.SIGINT)
	if err := w.cmd.Wait(); err != nil {
		w.t.Errorf("bailey up ended with %v", err)
	}
}

// kill ends it as a power cut does.
func (w *world) kill() {
	w.cmd.Process.Signal(syscall.SIGKILL)
	w.cmd.Wait()
}

// run runs one of bailey's commands against it.
func (w *world) run(args ...string) string {
	w.t.Helper()
	out, err := exec.Command(bailey, append(args, "--state", w.state)...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("bailey %s: %v\n%s", args, err, out)
	}
	return string(out)
}

func (w *world) config() aws.Config {
	return aws.Config{Region: "us-west-2", BaseEndpoint: aws.String("http://" + w.status.Address), Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}

func (w *world) users() *cognitoidentityprovider.Client {
	return cognitoidentityprovider.NewFromConfig(w.config())
}

func (w *world) parameters() *ssm.Client { return ssm.NewFromConfig(w.config()) }

// addUser makes a user with a password.
func (w *world) addUser(ctx context.Context, name string) error {
	pool := &w.status.UserPools[0].ID
	if _, err := w.users().AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{UserPoolId: pool, Username: &name, MessageAction: types.MessageActionTypeSuppress}); err != nil {
		return err
	}
	_, err := w.users().AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{UserPoolId: pool, Username: &name, Password: aws.String(password), Permanent: true})
	return err
}

const password = "Correct-horse-1"

// signIn gives a user's ID token.
func (w *world) signIn(name string) string {
	w.t.Helper()
	out, err := w.users().InitiateAuth(w.t.Context(), &cognitoidentityprovider.InitiateAuthInput{AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		ClientId: aws.String(w.status.UserPools[0].Clients["UserPoolClient"]), AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password}})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.AuthenticationResult.IdToken
}

// request makes a request to the API; an empty token: none.
func (w *world) request(ctx context.Context, method, path, token, body string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+w.status.Address+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	// Browsers and curl find every name under localhost; not all resolvers do.
	r.Host = strings.TrimSuffix(strings.TrimPrefix(w.status.APIs[0].Local, "http://"), "/")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// get is GET /breakdowns.
func (w *world) get(token string) (int, string) {
	w.t.Helper()
	status, body, err := w.request(w.t.Context(), "GET", "/breakdowns", token, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return status, body
}

// database connects to the PostgreSQL, which is reached by `bailey connect`
// alone.
func (w *world) database() *pgx.Conn {
	w.t.Helper()
	cmd := exec.Command(bailey, "connect", "Web:5432", "--state", w.state, "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	address, _, _ := strings.Cut(line, " ")
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := pgx.Connect(w.t.Context(), "postgres://rootski:only-for-this-machine@"+address+"/rootski")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// saveKeys runs the daily schedule until it has saved other keys than there
// were, or as many.
func (w *world) saveKeys(keys int) {
	w.t.Helper()
	w.run("schedule", "run", "DailyKeys")
	w.eventually(fmt.Sprintf("%d keys are saved", keys), func() bool {
		out, err := w.parameters().GetParameter(w.t.Context(), &ssm.GetParameterInput{Name: aws.String("/rootski/jwks")})
		if err != nil {
			w.t.Fatal(err)
		}
		return strings.Count(*out.Parameter.Value, `"kid"`) == keys
	})
}

// eventually asks until it is so, for half a minute: the functions keep keys for
// a second. It asks slowly enough for the API's throttle.
func (w *world) eventually(what string, so func() bool) {
	w.t.Helper()
	for range 150 {
		if so() {
			return
		}
		<-time.After(200 * time.Millisecond)
	}
	w.t.Fatal("it never is so: ", what)
}
