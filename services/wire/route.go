package wire

import (
	"net/http"
	"slices"
	"strings"
)

// route finds the service that a request is for by its headers: the host's
// name if it is AWS's, else the scope of the signature, else X-Amz-Target. Nil
// without an error is "perhaps the body says". A request that names a service
// that is not here is refused by that name.
func (rt *Router) route(e Endpoint, r *http.Request) (*Service, *Error) {
	if e.Service != "" {
		if s := rt.pick(r, func(s *Service) bool { return s.Name == e.Service }); s != nil {
			return s, nil
		}
		return nil, NotHere(called(e.Service, r))
	}
	if name := scopeService(r); name != "" {
		if s := rt.pick(r, func(s *Service) bool { return s.signingName() == name }); s != nil {
			return s, nil
		}
		return nil, NotHere(called(name, r))
	}
	target := r.Header.Get("X-Amz-Target")
	if target == "" {
		return nil, nil
	}
	prefix, _, _ := strings.Cut(target, ".")
	if s := rt.pick(r, func(s *Service) bool { return s.TargetPrefix == prefix }); s != nil {
		return s, nil
	}
	return nil, NotHere(printable(target))
}

// pick returns the first service that fits; of several that share a name, the
// one whose X-Amz-Target or URI the request has.
func (rt *Router) pick(r *http.Request, fits func(*Service) bool) *Service {
	var fitting []*Service
	for _, s := range rt.cfg.Services {
		if fits(s) {
			fitting = append(fitting, s)
		}
	}
	if len(fitting) == 0 {
		return nil
	}
	i := 0
	if len(fitting) > 1 {
		i = max(slices.IndexFunc(fitting, func(s *Service) bool { return s.answers(r) }), 0)
	}
	return fitting[i]
}

// answers reports whether the request has the form of the service's protocol.
func (s *Service) answers(r *http.Request) bool {
	target := r.Header.Get("X-Amz-Target")
	switch s.Protocol {
	case AwsQuery:
		return target == "" && isForm(r)
	case RestJSON:
		path, _ := wireTarget(r)
		op, _ := s.byURI(r.Method, path, r.URL.Query())
		return op != nil
	}
	return strings.HasPrefix(target, s.TargetPrefix+".")
}

// byForm finds the service of an unsigned awsQuery request by the form's
// Version and Action.
func (rt *Router) byForm(r *http.Request, body []byte) *Service {
	form, err := parseForm(r.URL.RawQuery, body)
	if err != nil || !form.Has("Action") {
		return nil
	}
	for _, s := range rt.cfg.Services {
		if s.Protocol == AwsQuery && s.Version == form.Get("Version") && s.byName(form.Get("Action")) != nil {
			return s
		}
	}
	return nil
}

// unroutable refuses a request that names no service at all.
func unroutable(r *http.Request) *Error {
	return common(missingToken, "Missing Authentication Token: bailey cannot tell which AWS service %s %s on host %s is for. "+
		"Sign it, or send it to the service's own host name",
		printable(r.Method), printable(r.URL.Path), printable(r.Host))
}

// scopeService reads the service from a signature's scope, unverified.
func scopeService(r *http.Request) string {
	credential := ""
	if _, rest, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		credential, _, _ = strings.Cut(rest, ",")
	} else {
		credential = r.URL.Query().Get("X-Amz-Credential")
	}
	if part := strings.Split(strings.TrimSpace(credential), "/"); len(part) == 5 {
		return part[3]
	}
	return ""
}

// called names what was asked of a service: dynamodb:GetItem, or the service
// alone where only the body would say more.
func called(service string, r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		service += ":" + operation
	}
	return printable(service)
}

// looksLike guesses the protocol of a request whose service is not known.
func looksLike(r *http.Request) Protocol {
	switch {
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json-1.0"):
		return AwsJSON10
	case r.Header.Get("X-Amz-Target") != "":
		return AwsJSON11
	case isForm(r):
		return AwsQuery
	}
	return RestJSON
}

func isForm(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") ||
		r.URL.Query().Has("Action")
}

// printable bounds and cleans what a client sent, for a message.
func printable(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return '?'
		}
		return c
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "..."
	}
	return s
}
