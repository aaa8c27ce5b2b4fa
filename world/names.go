package world

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"bailey/cloud"
	"bailey/fabric"
	"bailey/netset"
	"bailey/path"
)

// answer resolves one question as the resolver of a VPC does for a subnet, which
// is empty for a caller outside any.
func answer(m *cloud.Model, subnet cloud.SubnetID, q *dns.Msg) (*dns.Msg, []netip.Addr) {
	r := new(dns.Msg)
	r.SetReply(q)
	r.RecursionAvailable = true
	if len(q.Question) != 1 || q.Opcode != dns.OpcodeQuery {
		r.Rcode = dns.RcodeNotImplemented
		return r, nil
	}
	asked := q.Question[0]
	host := strings.TrimSuffix(strings.ToLower(asked.Name), ".")
	found := path.ResolveIn(m, subnet, host)
	if !found.Declared && !exists(host) || missing(found) {
		r.Rcode = dns.RcodeNameError
		return r, nil
	}
	if len(found.Blockers) > 0 || len(found.Missing) > 0 {
		r.Rcode = dns.RcodeServerFailure
		return r, nil
	}
	var given []netip.Addr // none: the name is there, with no record of that type
	for _, a := range found.Addrs {
		header := dns.RR_Header{Name: asked.Name, Rrtype: asked.Qtype, Class: dns.ClassINET, Ttl: 60}
		switch {
		case asked.Qtype == dns.TypeA && a.Is4():
			r.Answer = append(r.Answer, &dns.A{Hdr: header, A: a.AsSlice()})
		case asked.Qtype == dns.TypeAAAA && a.Is6():
			r.Answer = append(r.Answer, &dns.AAAA{Hdr: header, AAAA: a.AsSlice()})
		default:
			continue
		}
		given = append(given, a)
	}
	return r, given
}

// missing reports whether a resolver answers that there is no such name.
func missing(a path.Answer) bool {
	return slices.ContainsFunc(a.Blockers, func(r path.Reason) bool {
		return r.Code == path.NoSuchName || r.Code == path.ZoneNotAssociated || r.Code == path.NoMountTarget
	})
}

// exists reports whether a name can have an address in the world at all: it has
// a domain, and none that is never delegated (RFC 6761, RFC 9476) or reverse.
func exists(host string) bool {
	if !strings.Contains(host, ".") {
		return false
	}
	for _, never := range []string{".localhost", ".local", ".invalid", ".test", ".onion", ".internal", ".arpa"} {
		if strings.HasSuffix(host, never) {
			return false
		}
	}
	return true
}

// serveDNS answers over TCP and UDP until ctx ends.
func (w *World) serveDNS(ctx context.Context, l net.Listener, pc *fabric.PacketConn) error {
	tcp := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(out dns.ResponseWriter, q *dns.Msg) {
		_ = out.WriteMsg(w.reply(netset.TCP, addrPort(out.RemoteAddr()), addrPort(out.LocalAddr()), q)) // the caller may have gone
	})}
	stop := context.AfterFunc(ctx, func() { l.Close(); pc.Close() })
	defer stop()
	failed := make(chan error, 2)
	go func() { failed <- tcp.ActivateAndServe() }()
	go func() { failed <- w.serveDatagrams(pc) }()
	err := <-failed
	l.Close()
	pc.Close()
	return errors.Join(err, <-failed)
}

// serveDatagrams answers one datagram after the other: an answer is computed,
// not waited for.
func (w *World) serveDatagrams(pc *fabric.PacketConn) error {
	buf := make([]byte, dns.MaxMsgSize)
	for {
		n, remote, local, err := pc.ReadPacket(buf)
		if err != nil {
			return err
		}
		q := new(dns.Msg)
		if q.Unpack(buf[:n]) != nil || q.Response {
			continue
		}
		r := w.reply(netset.UDP, remote, local, q)
		r.Truncate(answerSize(q))
		if out, err := r.Pack(); err == nil {
			_ = pc.WritePacket(out, remote, local) // a lost datagram is asked again
		}
	}
}

// answerSize is how much the asker takes in one datagram.
func answerSize(q *dns.Msg) int {
	if opt := q.IsEdns0(); opt != nil {
		return int(opt.UDPSize())
	}
	return dns.MinMsgSize
}

// reply answers whoever asks as the resolver of their VPC does.
func (w *World) reply(proto netset.Protocol, remote, local netip.AddrPort, q *dns.Msg) *dns.Msg {
	origin, known := w.fabric.OriginOf(proto, remote, local)
	r, addrs := answer(w.Model(), w.callerOf(origin.Tap).subnet, q)
	if known && len(q.Question) == 1 {
		for _, a := range addrs {
			w.fabric.Note(origin.Tap, a, strings.TrimSuffix(q.Question[0].Name, "."))
		}
	}
	return r
}
