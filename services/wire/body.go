package wire

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

// DefaultMaxBody bounds a request's body where neither Config nor the service
// does: 10 MiB, more than any call of ours needs.
const DefaultMaxBody = 10 << 20

// readBody reads the body as it was sent, chunked or not. A declared length
// beyond limit is refused before a byte is read, so that a client that sent
// "Expect: 100-continue" is never asked for it.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *Error) {
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		return nil, bodyTooLarge(limit)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, bodyTooLarge(limit)
	case err != nil:
		return nil, common(incompleteBody, "The request body ended before it was complete: %v", err)
	}
	return body, nil
}

// decodeBody undoes the body's Content-Encoding. The signature covers the
// encoded bytes; what comes out is bounded as well.
func decodeBody(encoding string, body []byte, limit int64) ([]byte, *Error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nil
	case "gzip":
		return gunzip(body, limit)
	}
	return nil, common(badEncoding, "bailey does not have Content-Encoding: %s; send gzip or nothing", encoding)
}

func gunzip(body []byte, limit int64) ([]byte, *Error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, common(serialization, "the body is not gzip, as Content-Encoding says: %v", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, limit+1))
	if err != nil {
		return nil, common(serialization, "the body is not gzip, as Content-Encoding says: %v", err)
	}
	if int64(len(plain)) > limit {
		return nil, bodyTooLarge(limit)
	}
	return plain, nil
}

func bodyTooLarge(limit int64) *Error {
	return common(tooLarge, "Request must be smaller than %d bytes", limit)
}
