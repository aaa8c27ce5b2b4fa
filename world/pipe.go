package world

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"sync"
)

// quiet takes what net/http says about clients that hang up.
var quiet = log.New(io.Discard, "", 0)

// Forward joins every connection to l with one that dial makes, until ctx ends.
func Forward(ctx context.Context, l net.Listener, dial func() (net.Conn, error)) error {
	return acceptAll(ctx, l, dial)
}

// acceptAll joins every connection to l with one that dial makes, until ctx
// ends or l is closed, and waits for all of them.
func acceptAll(ctx context.Context, l net.Listener, dial func() (net.Conn, error)) error {
	var conns sync.WaitGroup
	defer conns.Wait()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		conns.Go(func() {
			defer c.Close()
			far, err := dial()
			if err != nil {
				return // the caller sees its connection close
			}
			join(ctx, c, far)
		})
	}
}

// join copies both ways until both sides have ended or ctx does.
func join(ctx context.Context, a, b net.Conn) {
	defer a.Close()
	defer b.Close()
	stop := context.AfterFunc(ctx, func() { a.Close(); b.Close() })
	defer stop()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			io.Copy(way[0], way[1])
			if half, ok := way[0].(interface{ CloseWrite() error }); ok {
				half.CloseWrite()
			}
		})
	}
	both.Wait()
}
