package postgres

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"time"
)

// probe asks for a session as the master user, as far as the question for the
// password: whoever is asked that is no longer told that the database starts.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP
func (s *Server) probe(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := s.config.Namespace.Dial(ctx, "tcp", s.config.Address.String())
	if err != nil {
		return false, nil // nobody listens yet
	}
	defer c.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(deadline); err != nil {
			return false, err
		}
	}
	if _, err := c.Write(startup(s.config.Master)); err != nil {
		return false, nil
	}
	kind, err := bufio.NewReader(io.LimitReader(c, 16)).ReadByte()
	return err == nil && kind == authentication, nil
}

// authentication is the kind of the message that asks for a password; 'E' is
// that of an error, 57P03 while the server starts.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
const authentication = 'R'

// startup is a StartupMessage of protocol 3.0.
func startup(m Master) []byte {
	var body bytes.Buffer
	body.Write([]byte{0, 3, 0, 0})
	for _, text := range []string{"user", m.User, "database", m.Database, ""} {
		body.WriteString(text)
		body.WriteByte(0)
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(body.Len()+4)), body.Bytes()...)
}
