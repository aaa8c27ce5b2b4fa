package wire

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// An Origin is where a connection really came from, as whoever accepted it
// knows. It is what aws:SourceIp, aws:VpcSourceIp, aws:SourceVpc,
// aws:SourceVpce and lambda:SourceFunctionArn are filled from; nothing of it
// is ever read from the request. The zero Origin is "not known".
type Origin struct {
	SourceIP      netip.Addr // public source address; invalid through a VPC endpoint
	VPCSourceIP   netip.Addr // private source address; valid only through a VPC endpoint
	VPCID         string     // vpc-...: only through a VPC endpoint
	VPCEndpointID string     // vpce-...
	FunctionARN   string     // the function whose environment opened the connection
	Host          bool       // came in by the host's own port
}

type originKey struct{}

// WithOrigin returns a context that carries o.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginFrom returns the context's Origin, and whether it carries one.
func OriginFrom(ctx context.Context) (Origin, bool) {
	o, ok := ctx.Value(originKey{}).(Origin)
	return o, ok
}

// MaxHeaderBytes bounds request line and headers together. A session token is
// the longest thing that belongs there: a few thousand bytes.
const MaxHeaderBytes = 64 << 10

// NewServer returns a server for h whose connections carry the Origin that
// origin gives, with bounded headers. It bounds no body's duration: an Invoke
// may take 15 minutes.
func NewServer(h http.Handler, origin func(net.Conn) Origin) *http.Server {
	return &http.Server{
		Handler:           h,
		MaxHeaderBytes:    MaxHeaderBytes,
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return WithOrigin(ctx, origin(c))
		},
	}
}
