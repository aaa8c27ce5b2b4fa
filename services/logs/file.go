package logs

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// A file is a group's on disk: a header, then one JSON line an event. Beyond
// maxFile it is renamed to GROUP.log.1, in place of the one before.
//
//	{"group":"/aws/lambda/ping","created":1772884800000}
//	{"t":1772884800000,"i":1772884800001,"stream":"2026/03/07/[$LATEST]ab","message":"START ..."}
type file struct {
	f    *os.File
	size int64
}

const (
	maxFile  = 64 << 20
	loadTail = 4 << 20 // bytes of a file's end that New reads
	suffix   = ".log"
)

type header struct {
	Group   string `json:"group"`
	Created int64  `json:"created"`
}

type record struct {
	T       int64  `json:"t"`
	I       int64  `json:"i"`
	Stream  string `json:"stream"`
	Message string `json:"message"`
}

// append writes the record as a JSON line: an access log has one for each
// request, and encoding/json takes longer than the file.
func (r record) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"t":`...), r.T, 10)
	b = strconv.AppendInt(append(b, `,"i":`...), r.I, 10)
	b = appendText(append(b, `,"stream":`...), r.Stream)
	b = appendText(append(b, `,"message":`...), r.Message)
	return append(b, "}\n"...)
}

func appendText(b []byte, s string) []byte {
	begin := len(b)
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\t':
			b = append(b, `\t`...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c >= 0x7f:
			quoted, _ := json.Marshal(s) // text always is JSON
			return append(b[:begin], quoted...)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// fileName escapes a group's name; a long one ends in a digest of itself.
func fileName(group string) string {
	name := url.PathEscape(group)
	if len(name) > 200 {
		name = fmt.Sprintf("%s-%x", name[:180], sha256.Sum256([]byte(group)))[:200]
	}
	return name + suffix
}

// write appends records; h is the header's if they are the first.
func (f *file) write(dir string, h header, records []byte) error {
	if dir == "" {
		return nil
	}
	if f.size > maxFile {
		path := f.f.Name()
		if err := errors.Join(f.close(), os.Rename(path, path+".1")); err != nil {
			return err
		}
	}
	if err := f.open(dir, h); err != nil {
		return err
	}
	return f.raw(records)
}

// open opens the file, and begins it if it is new. A line that was cut off when
// its writer was killed is ended.
func (f *file) open(dir string, h header) error {
	if f.f != nil {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(dir, fileName(h.Group)), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.f, f.size = file, info.Size()
	if f.size == 0 {
		return f.line(h)
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, f.size-1); err != nil || last[0] == '\n' {
		return err
	}
	return f.raw([]byte{'\n'})
}

func (f *file) line(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return f.raw(b.Bytes())
}

func (f *file) raw(b []byte) error {
	n, err := f.f.Write(b)
	f.size += int64(n)
	return err
}

func (f *file) close() error {
	if f.f == nil {
		return nil
	}
	err := f.f.Close()
	*f = file{}
	return err
}

// load fills the windows from the files' ends.
func (l *Logs) load() error {
	paths, err := filepath.Glob(filepath.Join(globEscape(l.cfg.Dir), "*"+suffix))
	for _, path := range paths {
		err = errors.Join(err, l.loadFile(path))
	}
	return err
}

// loadFile reads one file. Lines that are no event, as the first of a tail and
// the last before a kill, are passed over.
func (l *Logs) loadFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var h header
	if json.NewDecoder(f).Decode(&h) != nil || h.Group == "" {
		return nil // not one of ours
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	from := max(0, info.Size()-loadTail)
	tail, err := io.ReadAll(io.NewSectionReader(f, from, loadTail))
	if err != nil {
		return err
	}
	g := l.ensure(h.Group)
	g.created = time.UnixMilli(h.Created)
	for line := range bytes.Lines(tail) {
		var r record
		if json.Unmarshal(line, &r) != nil || r.T == 0 {
			continue
		}
		at := time.UnixMilli(r.T)
		l.remember(g, g.stream(r.Stream, at), Event{g.name, r.Stream, at, time.UnixMilli(r.I), r.Message, 0})
	}
	return nil
}

// globEscape makes a folder's name mean itself in a pattern.
func globEscape(dir string) string {
	var b []byte
	for i := range len(dir) {
		if bytes.IndexByte([]byte(`*?[\`), dir[i]) >= 0 {
			b = append(b, '\\')
		}
		b = append(b, dir[i])
	}
	return string(b)
}
