package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/path"
)

// named finds the database or the like whose name stands in a text, alone, with
// a port or in a URL. Without a port there its own is meant.
func named(m *cloud.Model, text string) (string, bool) {
	lower := strings.ToLower(text)
	for b := range m.LoadBalancers() {
		if i := strings.Index(lower, strings.ToLower(b.Host)); i == 0 || i > 0 && !isHostByte(lower[i-1]) {
			return balancerIn(lower[:i], b, lower[i+len(b.Host):])
		}
	}
	for s := range m.Stores() {
		for _, host := range s.Hosts {
			i := strings.Index(lower, strings.ToLower(host))
			if i < 0 || i > 0 && isHostByte(lower[i-1]) {
				continue
			}
			if port, ok := portAfter(lower[i+len(host):]); ok {
				return fmt.Sprintf("%s:%d", s.Name, port), true
			}
			return s.Name, true
		}
	}
	return "", false
}

// balancerIn is a load balancer whose name stands in a URL or alone: at the
// port that follows, at its scheme's, or at its own.
func balancerIn(before string, b cloud.LoadBalancer, after string) (string, bool) {
	port, ok := portAfter(after)
	switch {
	case ok:
		return fmt.Sprintf("%s:%d", b.Name, port), true
	case strings.HasSuffix(before, "https://"):
		return b.Name + ":443", true
	case strings.HasSuffix(before, "http://"):
		return b.Name + ":80", true
	}
	return b.Name, len(b.Listeners) > 0
}

func isHostByte(c byte) bool { return isAlnum(rune(c)) || c == '-' || c == '.' }

// portAfter reads the :PORT with which a text begins.
func portAfter(rest string) (uint16, bool) {
	digits, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return 0, false
	}
	if i := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits = digits[:i]
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	return uint16(n), err == nil
}

// fromMounts are the file systems that a function mounts before it starts.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html
func fromMounts(m *cloud.Model, f cloud.Function) []Need {
	var out []Need
	for _, mount := range f.FileSystems {
		for s := range m.Stores() {
			if arn, known := mount.AccessPoint.Get(); known && slices.Contains(s.AccessPoints, arn) {
				out = append(out, Need{Question: path.Question{From: f.Name, To: s.Name}, Because: fmt.Sprintf("%s is mounted at %s", s.Name, mount.Path), At: mount.At})
			}
		}
	}
	return out
}

// fromBalancers are the targets that load balancers lead to.
func fromBalancers(m *cloud.Model) []Need {
	var out []Need
	for b := range m.LoadBalancers() {
		for _, l := range b.Listeners {
			for _, arn := range l.Groups {
				g, _ := m.TargetGroup(arn)
				for _, t := range g.Targets {
					if in, ok := instanceOf(m, t.ID); ok && !g.KeepsClient {
						out = append(out, Need{Question: path.Question{From: b.Name, To: fmt.Sprintf("%s:%d", in, t.Port), Protocol: g.Proto}, Because: fmt.Sprintf("%s is a target of %s", in, g.Name), At: g.At})
					}
				}
			}
		}
	}
	return out
}

func instanceOf(m *cloud.Model, id string) (string, bool) {
	for in := range m.Instances() {
		if in.ID == id {
			return in.Name, true
		}
	}
	return "", false
}

// fromProxies are the databases that proxies lead to.
func fromProxies(m *cloud.Model) []Need {
	var out []Need
	for p := range m.Stores() {
		for _, id := range p.Targets {
			if s, ok := m.StoreOfID(id); ok {
				out = append(out, Need{Question: path.Question{From: p.Name, To: s.Name}, Because: fmt.Sprintf("%s is a target of proxy %s", s.Name, p.Name), At: p.At})
			}
		}
	}
	return out
}
