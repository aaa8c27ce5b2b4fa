package wire

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Time is a timestamp member. JSON has it as seconds since the epoch with a
// fraction, awsQuery's XML as ISO 8601; milliseconds in both.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#shape-serialization
type Time struct{ time.Time }

// MarshalJSON gives epoch seconds; null for the zero Time.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	ms := t.UnixMilli()
	if ms%1000 == 0 {
		return strconv.AppendInt(nil, ms/1000, 10), nil
	}
	return strconv.AppendFloat(nil, float64(ms)/1000, 'f', -1, 64), nil
}

// UnmarshalJSON takes what MarshalJSON gives.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	seconds, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return fmt.Errorf("timestamp %s is not a number of seconds", b)
	}
	return t.setSeconds(seconds)
}

// MarshalXML gives ISO 8601 in UTC.
func (t Time) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if t.IsZero() {
		return nil
	}
	return e.EncodeElement(t.UTC().Format("2006-01-02T15:04:05.999Z"), start)
}

func (t *Time) setSeconds(s float64) error {
	if math.IsNaN(s) || math.Abs(s) > 1<<40 {
		return fmt.Errorf("timestamp %v is out of range", s)
	}
	t.Time = time.UnixMilli(int64(math.Round(s * 1000))).UTC()
	return nil
}

// setText takes ISO 8601, as awsQuery sends it.
func (t *Time) setText(s string) (err error) {
	t.Time, err = time.Parse(time.RFC3339, s)
	return err
}
