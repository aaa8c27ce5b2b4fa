package gateway

import "encoding/json"

// A member is one of an object's, its value as it was written.
type member struct {
	name  string
	value json.RawMessage
}

// members are an object's, in their order. A function's answer is read so: into
// a map it takes four times as long.
type members []member

// object reads an object's members, telling upper and lower case apart.
func object(payload []byte) (members, bool) {
	if !json.Valid(payload) {
		return nil, false
	}
	s := scanner{text: payload}
	if s.next() != '{' {
		return nil, false
	}
	out := make(members, 0, 6)
	for s.pos++; s.next() != '}'; {
		if s.text[s.pos] == ',' {
			s.pos++
			continue
		}
		name := textOf(s.value())
		s.next() // the colon
		s.pos++
		out = append(out, member{name, s.value()})
	}
	return out, true
}

// get is the value of a member; of several with one name the last counts. Nil:
// there is none.
func (m members) get(name string) json.RawMessage {
	for i := len(m) - 1; i >= 0; i-- {
		if m[i].name == name {
			return m[i].value
		}
	}
	return nil
}

// A scanner goes over JSON that is known to be valid.
type scanner struct {
	text []byte
	pos  int
}

// next gives what follows the blanks.
func (s *scanner) next() byte {
	for s.text[s.pos] <= ' ' {
		s.pos++
	}
	return s.text[s.pos]
}

// value takes one value.
func (s *scanner) value() json.RawMessage {
	s.next()
	start, depth := s.pos, 0
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.quoted()
		case c == '{' || c == '[':
			depth++
			s.pos++
		case c == '}' || c == ']':
			depth--
			s.pos++
		case depth == 0:
			s.literal()
		default:
			s.pos++
		}
		if depth == 0 {
			return s.text[start:s.pos]
		}
	}
	return s.text[start:]
}

// quoted goes to the end of a string.
func (s *scanner) quoted() {
	for s.pos++; s.text[s.pos] != '"'; s.pos++ {
		if s.text[s.pos] == '\\' {
			s.pos++
		}
	}
	s.pos++
}

// literal goes to the end of a number, true, false or null.
func (s *scanner) literal() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ',', '}', ']', ':', ' ', '\t', '\r', '\n':
			return
		}
		s.pos++
	}
}

// textOf is a JSON string's text.
func textOf(raw json.RawMessage) string {
	for _, c := range raw {
		if c == '\\' || c >= 0x80 {
			var s string
			_ = json.Unmarshal(raw, &s) // it is valid
			return s
		}
	}
	return string(raw[1 : len(raw)-1])
}
