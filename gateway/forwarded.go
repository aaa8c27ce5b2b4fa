package gateway

import (
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
)

// forwarded tells the backend of an HTTP API whom it serves: X-Forwarded-For,
// -Host and -Proto become the standard's Forwarded header, to which the address
// that the request leaves from, the host and the protocol are added.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-http-apis
func (x *exchange) forwarded(d *draft) {
	for name := range d.header {
		if strings.HasPrefix(name, "X-Forwarded-") {
			delete(d.header, name)
		}
	}
	elements := slices.Clip(x.r.Header.Values("Forwarded"))
	for part := range strings.SplitSeq(strings.Join(x.r.Header.Values("X-Forwarded-For"), ","), ",") {
		if part = strings.TrimSpace(part); part != "" {
			elements = append(elements, "for="+node(part))
		}
	}
	by := cloud.ElasticAddr(x.apis.model.Stack(), "apigateway").String()
	elements = append(elements, "by="+by+";for="+node(x.sourceIP())+";host="+hostOf(x.r)+";proto=https")
	d.header["Forwarded"] = []string{strings.Join(elements, ", ")}
}

// node writes an address as RFC 7239 does: that of IPv6 in brackets and quotes.
func node(address string) string {
	if a, err := netip.ParseAddr(address); err == nil && a.Is6() {
		return `"[` + address + `]"`
	}
	if strings.ContainsAny(address, ":;=, \"[]") {
		return quote(address)
	}
	return address
}
