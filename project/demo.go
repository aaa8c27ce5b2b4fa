package project

import (
	"regexp"
	"strings"
	"time"

	"bailey/source"
)

// A Step of the demo is one invocation and what is to be seen in its response,
// or a list of calls from outside.
type Step struct {
	Name    string
	Invoke  string      // the function; empty: Calls
	Payload source.Node // Null: none
	Rows    []Row
	Calls   []Call
	At      source.Span
}

// A Row is one line of the demo's outcome table. Result is a JSON pointer
// (RFC 6901) into the response, to {"ok": bool, "detail": string, "ms": number}.
type Row struct {
	Call   string
	To     string
	Expect string // reachable, blocked, partial, unknown
	Result string
	At     source.Span
}

// A Call is one line of the outcome table that somebody outside brings about:
// exactly one of HTTP, SignIn, Schedule, RotateKeys and WithdrawKeys.
type Call struct {
	Call         string
	HTTP         *HTTPCall
	SignIn       *SignIn
	Schedule     string        // the rule or schedule to be run now
	RotateKeys   string        // the user pool that is to get new signing keys
	WithdrawKeys string        // the user pool whose old keys are to go
	Needs        []string      // workloads without which it is not run
	Within       time.Duration // how long it may take until it is as expected; 0: at once
	At           source.Span
}

// An HTTPCall is a request to an API and the answer that it should get.
type HTTPCall struct {
	API, Method, Path string
	Headers           []EnvVar
	Token             string      // whose ID token is sent: a SignIn's As
	JSON              source.Node // the body; Null: none
	Status            int
	Body              source.Node // what the answer's JSON has, among other things; Null: anything
}

// A SignIn signs a user in by password, who is made if they are not there.
type SignIn struct {
	Client             string // the user pool client's logical ID
	Username, Password string
	As                 string // how the tokens are called; the user's name if not stated
}

func (d *decoder) step(n source.Node) Step {
	s := Step{At: n.At}
	d.object(n, "a demo step", []field{
		{key: "name", read: func(n source.Node) { s.Name = d.text(n) }},
		{key: "invoke", read: func(n source.Node) { s.Invoke = d.name(n) }},
		{key: "payload", read: func(n source.Node) { s.Payload = n }},
		{key: "rows", read: func(n source.Node) { s.Rows = each(d, n, d.row) }},
		{key: "calls", read: func(n source.Node) { s.Calls = each(d, n, d.call) }},
	})
	_, invoke := n.Get("invoke")
	_, calls := n.Get("calls")
	_, rows := n.Get("rows")
	_, payload := n.Get("payload")
	switch {
	case n.Kind != source.Map:
	case !invoke && !calls:
		d.fail("PROJECT_MISSING_KEY", n.At, "add invoke, or calls", "a demo step has neither invoke nor calls, one of which is required")
	case calls && (invoke || rows || payload):
		d.fail("PROJECT_BAD_VALUE", n.At, "make two steps of it", "a demo step either invokes a function or lists calls")
	}
	return s
}

var pointerForm = regexp.MustCompile(`^(/([^/~]|~[01])*)*$`)

func (d *decoder) row(n source.Node) Row {
	r := Row{At: n.At}
	d.object(n, "a demo row", []field{
		{key: "call", required: true, read: func(n source.Node) { r.Call = d.text(n) }},
		{key: "to", required: true, read: func(n source.Node) { r.To = d.text(n) }},
		{key: "expect", required: true, read: func(n source.Node) { r.Expect = d.oneOf(n, verdicts) }},
		{key: "result", required: true, read: func(n source.Node) { r.Result = d.form(n, pointerForm, "a JSON pointer such as /ssm") }},
	})
	return r
}

// callKinds are the keys of which a call has one.
var callKinds = []string{"http", "sign-in", "schedule", "rotate-keys", "withdraw-keys"}

func (d *decoder) call(n source.Node) Call {
	c := Call{At: n.At}
	d.object(n, "a demo call", []field{
		{key: "call", required: true, read: func(n source.Node) { c.Call = d.name(n) }},
		{key: "http", read: func(n source.Node) { c.HTTP = d.httpCall(n) }},
		{key: "sign-in", read: func(n source.Node) { c.SignIn = d.signIn(n) }},
		{key: "schedule", read: func(n source.Node) { c.Schedule = d.name(n) }},
		{key: "rotate-keys", read: func(n source.Node) { c.RotateKeys = d.name(n) }},
		{key: "withdraw-keys", read: func(n source.Node) { c.WithdrawKeys = d.name(n) }},
		{key: "needs", read: func(n source.Node) { c.Needs = each(d, n, d.name) }},
		{key: "within", read: func(n source.Node) { c.Within = time.Duration(d.number(n, 1, 60)) * time.Second }},
	})
	kinds := 0
	for _, k := range callKinds {
		if _, ok := n.Get(k); ok {
			kinds++
		}
	}
	if n.Kind == source.Map && kinds != 1 {
		d.fail("PROJECT_BAD_VALUE", n.At, "state one of "+strings.Join(callKinds, ", "), "a demo call does one thing")
	}
	return c
}

var (
	methodForm = regexp.MustCompile(`^[A-Z]{1,20}$`)
	pathForm   = regexp.MustCompile(`^/[^\s]*$`)
)

func (d *decoder) httpCall(n source.Node) *HTTPCall {
	c := &HTTPCall{Method: "GET"}
	d.object(n, "http", []field{
		{key: "api", required: true, read: func(n source.Node) { c.API = d.name(n) }},
		{key: "method", read: func(n source.Node) { c.Method = d.form(n, methodForm, "a method such as POST") }},
		{key: "path", required: true, read: func(n source.Node) { c.Path = d.form(n, pathForm, "a path such as /words") }},
		{key: "headers", read: func(n source.Node) {
			c.Headers = entries(d, n, func(e source.Entry) EnvVar { return EnvVar{e.Key, d.text(e.Value)} })
		}},
		{key: "token", read: func(n source.Node) { c.Token = d.name(n) }},
		{key: "json", read: func(n source.Node) { c.JSON = n }},
		{key: "status", required: true, read: func(n source.Node) { c.Status = d.number(n, 200, 599) }},
		{key: "body", read: func(n source.Node) { c.Body = n }},
	})
	return c
}

func (d *decoder) signIn(n source.Node) *SignIn {
	s := &SignIn{}
	d.object(n, "sign-in", []field{
		{key: "client", required: true, read: func(n source.Node) { s.Client = d.name(n) }},
		{key: "username", required: true, read: func(n source.Node) { s.Username = d.name(n) }},
		{key: "password", required: true, read: func(n source.Node) { s.Password = d.name(n) }},
		{key: "as", read: func(n source.Node) { s.As = d.name(n) }},
	})
	if s.As == "" {
		s.As = s.Username
	}
	return s
}
