package wire

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Protocol is one of the languages that AWS services speak.
type Protocol uint8

const (
	AwsJSON10 Protocol = iota + 1 // X-Amz-Target, application/x-amz-json-1.0
	AwsJSON11                     // X-Amz-Target, application/x-amz-json-1.1
	AwsQuery                      // a form with Action and Version; answers in XML
	RestJSON                      // methods and URIs; JSON bodies
)

func (p Protocol) isJSON() bool { return p == AwsJSON10 || p == AwsJSON11 }

// String gives Smithy's name of the protocol.
func (p Protocol) String() string {
	switch p {
	case AwsJSON10:
		return "awsJson1_0"
	case AwsJSON11:
		return "awsJson1_1"
	case AwsQuery:
		return "awsQuery"
	case RestJSON:
		return "restJson1"
	}
	return fmt.Sprintf("Protocol(%d)", uint8(p))
}

// A Service is one AWS service as its endpoint knows it: a value, the same for
// every region. Once given to [New] it must not change.
type Service struct {
	Name         string // endpoint prefix: ssm in ssm.us-west-2.amazonaws.com
	SigningName  string // service of the signature's scope, and prefix of IAM actions; empty: Name
	Protocol     Protocol
	Version      string // API version, 2014-11-06
	TargetPrefix string // AwsJSON: AmazonSSM in "X-Amz-Target: AmazonSSM.GetParameter"
	Namespace    string // AwsQuery: XML namespace of the answers
	MaxBody      int64  // bytes of a request's body, also once gunzipped; 0: Config.MaxBody
	AnyRegion    bool   // answers for every region alike, as STS

	// MessageMember says how an exception's model spells its message: "message",
	// as it is if MessageMember is nil, or "Message". SDKs read the modeled one.
	MessageMember func(code string) string
	// ErrorType adds Lambda's "Type": "User" or "Service" to every exception
	// that a handler returns.
	ErrorType bool

	Operations []Operation

	templates []template // RestJSON: of each operation's URI, filled by New
}

// An Operation is one row of a service's table.
type Operation struct {
	Name   string
	Method string // RestJSON
	URI    string // RestJSON: /2015-03-31/functions/{FunctionName}/invocations
	Status int    // RestJSON: of a success; 0: 200

	// Action is the IAM action without its service, where it is not Name:
	// InvokeFunction for Invoke.
	Action string
	// Resources gives the ARNs that Action is asked for; nil, or a nil answer,
	// stands for "*", as for an action without resource-level permissions.
	Resources func(*Call) ([]string, error)
	// Keys gives the service's own condition keys that the call carries, as
	// ssm:Overwrite; nil where the operation has none.
	Keys func(*Call) map[string][]string
	// NoPermission is for what AWS lets any verified caller do
	// (sts:GetCallerIdentity).
	NoPermission bool
	// Unsigned is for what AWS lets anyone do without a signature
	// (sts:AssumeRoleWithWebIdentity).
	Unsigned bool

	// Handle does it. An error that is no *Error becomes InternalFailure. A nil
	// Handle is an operation that AWS has and Bailey has not: refused by name.
	Handle func(context.Context, *Call) (any, error)
}

func (s *Service) signingName() string { return cmp.Or(s.SigningName, s.Name) }

// action gives the operation's IAM action in full: lambda:InvokeFunction.
func (s *Service) action(op *Operation) string {
	return s.signingName() + ":" + cmp.Or(op.Action, op.Name)
}

// byName finds an operation of the JSON and query protocols.
func (s *Service) byName(name string) *Operation {
	i := slices.IndexFunc(s.Operations, func(op Operation) bool { return op.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Operations[i]
}

// ready returns a copy that can answer, and whose table is known to be right.
func (s *Service) ready() (*Service, error) {
	out := *s
	for _, op := range s.Operations {
		out.templates = append(out.templates, parseTemplate(op.URI))
	}
	return &out, out.check()
}

// check reports what is wrong with the table itself: a mistake of ours.
func (s *Service) check() error {
	switch {
	case s.Name == "":
		return fmt.Errorf("service without a name: %s %s", s.TargetPrefix, s.Version)
	case s.Protocol < AwsJSON10 || s.Protocol > RestJSON:
		return fmt.Errorf("service %s has no protocol", s.Name)
	case s.Protocol.isJSON() && s.TargetPrefix == "":
		return fmt.Errorf("service %s speaks %v without a TargetPrefix", s.Name, s.Protocol)
	}
	seen := map[string]string{}
	for i, op := range s.Operations {
		key := op.Name
		if s.Protocol == RestJSON {
			if op.Method == "" || !strings.HasPrefix(op.URI, "/") {
				return fmt.Errorf("%s:%s has no method and URI", s.Name, op.Name)
			}
			key = op.Method + " " + s.templates[i].shape()
		}
		if other, ok := seen[key]; ok {
			return fmt.Errorf("%s:%s and %s:%s both answer %s", s.Name, other, s.Name, op.Name, key)
		}
		seen[key] = op.Name
	}
	return nil
}
