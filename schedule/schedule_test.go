package schedule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func utc(text string) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05Z07:00", text)
	if err != nil {
		panic(err)
	}
	return t
}

func zone(t testing.TB, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// The examples of AWS's pages, and what their footnotes say.
func TestNext(t *testing.T) {
	tests := []struct {
		expression, zone, after string
		want                    []string // RFC 3339 in the zone; "": never
	}{
		{"cron(0 10 * * ? *)", "UTC", "2026-03-07T10:00:00Z", []string{"2026-03-08T10:00:00Z", "2026-03-09T10:00:00Z"}},
		{"cron(15 12 * * ? *)", "UTC", "2026-03-07T12:14:59Z", []string{"2026-03-07T12:15:00Z"}},
		{"cron(0 18 ? * MON-FRI *)", "UTC", "2026-03-06T18:00:00Z", []string{"2026-03-09T18:00:00Z"}},
		{"cron(0 8 1 * ? *)", "UTC", "2026-03-07T00:00:00Z", []string{"2026-04-01T08:00:00Z", "2026-05-01T08:00:00Z"}},
		{"cron(0/15 * * * ? *)", "UTC", "2026-03-07T23:44:00Z", []string{"2026-03-07T23:45:00Z", "2026-03-08T00:00:00Z"}},
		{"cron(1/10 * * * ? *)", "UTC", "2026-03-07T00:00:00Z", []string{"2026-03-07T00:01:00Z", "2026-03-07T00:11:00Z"}},
		{"cron(0/5 8-17 ? * MON-FRI *)", "UTC", "2026-03-06T17:55:00Z", []string{"2026-03-09T08:00:00Z", "2026-03-09T08:05:00Z"}},
		{"cron(15 10 ? * 6L 2019-2022)", "UTC", "2022-11-26T00:00:00Z", []string{"2022-12-30T10:15:00Z", ""}},
		{"cron(0 9 ? * 2#1 *)", "UTC", "2026-03-02T09:00:00Z", []string{"2026-04-06T09:00:00Z"}},
		{"cron(0 9 ? * 3#5 *)", "UTC", "2026-03-01T00:00:00Z", []string{"2026-03-31T09:00:00Z", "2026-06-30T09:00:00Z"}},
		{"cron(0 0 L * ? *)", "UTC", "2028-02-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"}},
		{"cron(0 0 ? * L *)", "UTC", "2026-03-01T00:00:00Z", []string{"2026-03-07T00:00:00Z"}},
		{"cron(0 0 1W * ? *)", "UTC", "2026-08-01T00:00:00Z", []string{"2026-08-03T00:00:00Z"}},   // the 1st is a Saturday
		{"cron(0 0 31W * ? *)", "UTC", "2026-05-01T00:00:00Z", []string{"2026-05-29T00:00:00Z"}},  // the 31st is a Sunday
		{"cron(0 0 15W * ? *)", "UTC", "2026-08-01T00:00:00Z", []string{"2026-08-14T00:00:00Z"}},  // a Saturday
		{"cron(0 0 15W * ? *)", "UTC", "2026-03-01T00:00:00Z", []string{"2026-03-16T00:00:00Z"}},  // a Sunday
		{"cron(0 0 29 FEB ? *)", "UTC", "2096-02-29T00:00:00Z", []string{"2104-02-29T00:00:00Z"}}, // 2100 is no leap year
		{"cron(0 0 30 2 ? *)", "UTC", "2026-01-01T00:00:00Z", []string{""}},
		{"cron(0 0 1 1 ? 2199)", "UTC", "1950-01-01T00:00:00Z", []string{"2199-01-01T00:00:00Z", ""}},
		{"cron(* * * * ? 2020)", "UTC", "2020-12-31T23:59:00Z", []string{""}},
		{"rate(5 minutes)", "UTC", "2026-03-07T12:00:00Z", []string{"2026-03-07T12:01:00Z", "2026-03-07T12:06:00Z"}}, // From is 00:01
		{"rate(1 day)", "UTC", "2026-03-06T00:00:00Z", []string{"2026-03-07T00:01:00Z", "2026-03-08T00:01:00Z"}},
		{"at(2026-03-07T13:00:00)", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-07T13:00:00-05:00", ""}},

		// Clocks go forward over 02:30 on March 29th: it is skipped.
		{"cron(30 2 * * ? *)", "Europe/Paris", "2026-03-28T02:30:00+01:00", []string{"2026-03-30T02:30:00+02:00"}},
		{"at(2026-03-29T02:30:00)", "Europe/Paris", "2026-03-28T00:00:00Z", []string{""}},
		// They go back to 02:00 on October 25th: once, the first time.
		{"cron(30 2 * * ? *)", "Europe/Paris", "2026-10-24T02:30:00+02:00", []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"at(2026-10-25T02:30:00)", "Europe/Paris", "2026-10-24T00:00:00Z", []string{"2026-10-25T02:30:00+02:00", ""}},
		// A day is 24 hours on the clock of UTC.
		{"rate(1 days)", "Europe/Paris", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:01:00+01:00", "2026-03-30T02:01:00+02:00"}},
		// A whole day that Samoa did not have.
		{"cron(0 12 * * ? 2011)", "Pacific/Apia", "2011-12-29T12:00:00-10:00", []string{"2011-12-31T12:00:00+14:00"}},
	}
	for _, tt := range tests {
		e, err := Parse(tt.expression, zone(t, tt.zone))
		if err != nil {
			t.Errorf("%s: %v", tt.expression, err)
			continue
		}
		p := Plan{Expression: e, From: utc("2026-03-07T00:01:00Z")}
		at := utc(tt.after)
		for _, want := range tt.want {
			at = p.Next(at)
			got := ""
			if !at.IsZero() {
				got = at.Format(time.RFC3339)
			}
			if got != want {
				t.Errorf("%s in %s after %s: %s, want %s", tt.expression, tt.zone, tt.after, got, want)
				break
			}
		}
	}
}

func TestStartAndEnd(t *testing.T) {
	p := func(text string) Plan {
		e, err := Parse(text, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return Plan{Expression: e, From: utc("2026-03-01T00:00:00Z"), Start: utc("2026-03-07T10:00:00Z"), End: utc("2026-03-08T10:00:00Z")}
	}
	for text, want := range map[string]string{
		"cron(0 10 * * ? *)":      "[07 10:00 08 10:00]", // both ends are included
		"rate(10 hours)":          "[07 10:00 07 20:00 08 06:00]",
		"at(2026-03-09T00:00:00)": "[09 00:00]", // a one-time schedule has no bounds
	} {
		var got []string
		for at := p(text).Next(utc("2026-01-01T00:00:00Z")); !at.IsZero(); at = p(text).Next(at) {
			got = append(got, at.Format("02 15:04"))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

// What AWS refuses or does not document, and what is said of it.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "none of cron(...), rate(...) and at(...)",
		"cron":                         "none of",
		"daily()":                      "none of",
		"cron(0 10 * * *)":             "it has 5 fields",
		"cron(0 10 * * * *)":           "must be ?",
		"cron(0 10 ? * ? *)":           "must be ?",
		"cron(0 10 1 * MON *)":         "must be ?",
		"cron(60 10 * * ? *)":          `"60" is no minutes`,
		"cron(0 24 * * ? *)":           `"24" is no hours`,
		"cron(0 10 0 * ? *)":           `"0" is no day-of-month`,
		"cron(0 10 32W * ? *)":         `"32W" is no day-of-month`,
		"cron(0 10 LW * ? *)":          `"LW" is no day-of-month`,
		"cron(0 10 * 13 ? *)":          `"13" is no month`,
		"cron(0 10 ? * 0 *)":           `"0" is no day-of-week`,
		"cron(0 10 ? * 1/2 *)":         `"1/2" is no day-of-week`,
		"cron(0 10 ? * 3#1,6#3 *)":     "is no day-of-week",
		"cron(0 10 ? * 3#6 *)":         `"3#6" is no day-of-week`,
		"cron(0 10 ? * FRI-MON *)":     "ends before it begins",
		"cron(0 10 * * ? 1969)":        `"1969" is no year`,
		"cron(0/0 10 * * ? *)":         `"0/0" is no minutes`,
		"cron(+1 10 * * ? *)":          `"+1" is no minutes`,
		"rate(0 minutes)":              "not a positive whole number",
		"rate(5)":                      "none of minutes, hours and days",
		"rate(5 seconds)":              "none of minutes, hours and days",
		"rate(99999999999999999 days)": "beyond a hundred years",
		"at(2026-03-07)":               "not yyyy-mm-ddThh:mm:ss",
		"at(2026-02-30T00:00:00)":      "not yyyy-mm-ddThh:mm:ss",
		"at(2026-03-07T00:00:00.5)":    "not yyyy-mm-ddThh:mm:ss",
	} {
		if _, err := Parse(text, time.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for text, ok := range map[string]bool{"rate(1 hour)": true, "rate(5 hours)": true, "rate(1 hours)": false, "rate(5 hour)": false,
		"cron(0 0 * * ? *)": true, "at(2026-03-07T00:00:00)": false} {
		if _, err := ParseRule(text); (err == nil) != ok {
			t.Errorf("ParseRule(%s): %v", text, err)
		}
	}
}

// shown reports what cron's fields say of one minute, field by field and
// straight from the text.
func shown(text string, t time.Time) bool {
	f := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(text, "cron("), ")"))
	last := t.AddDate(0, 0, 1-t.Day()).AddDate(0, 1, -1).Day()
	day := slow(f[2], t.Day(), 31, last, func(part string) bool {
		n := 0
		if _, err := fmt.Sscanf(part, "%dW", &n); err != nil || n > last || t.Weekday() == 0 || t.Weekday() == 6 {
			return false
		}
		best := 0 // the weekday of this month that is nearest
		for d := 1; d <= last; d++ {
			wd := t.AddDate(0, 0, d-t.Day()).Weekday()
			if wd != 0 && wd != 6 && (best == 0 || abs(d-n) < abs(best-n)) {
				best = d
			}
		}
		return best == t.Day()
	})
	wd := int(t.Weekday()) + 1
	week := slow(f[4], wd, 7, 7, func(part string) bool {
		var n, nth int
		if c, _ := fmt.Sscanf(part, "%d#%d", &n, &nth); c == 2 {
			return n == wd && (t.Day()-1)/7+1 == nth
		}
		return part == fmt.Sprintf("%dL", wd) && t.Day() > last-7
	})
	none := func(string) bool { return false }
	return slow(f[0], t.Minute(), 59, -1, none) && slow(f[1], t.Hour(), 23, -1, none) && day && week &&
		slow(f[3], int(t.Month()), 12, -1, none) && slow(f[5], t.Year(), 2199, -1, none)
}

func abs(n int) int { return max(n, -n) }

func slow(field string, value, most, last int, more func(string) bool) bool {
	return slices.ContainsFunc(strings.Split(field, ","), func(part string) bool {
		var from, to, step int
		if n, _ := fmt.Sscanf(part, "%d-%d/%d", &from, &to, &step); n == 3 {
			return from <= value && value <= to && (value-from)%step == 0
		}
		if n, _ := fmt.Sscanf(part, "%d/%d", &from, &step); n == 2 {
			return from <= value && (value-from)%step == 0
		}
		if n, _ := fmt.Sscanf(part, "%d-%d", &from, &to); n == 2 {
			return from <= value && value <= to
		}
		return part == "*" || part == "?" || part == fmt.Sprint(value) || part == "L" && value == last || more(part)
	})
}

func drawCron(t *rapid.T) string {
	pick := func(name string, texts ...string) string { return rapid.SampledFrom(texts).Draw(t, name) }
	number := func(least, most int) string { return fmt.Sprint(rapid.IntRange(least, most).Draw(t, "number")) }
	minutes := pick("minutes", "*", "0", number(0, 59), "0/15", number(0, 59)+"/7", "10-30/5", "5,35")
	hours := pick("hours", "*", number(0, 23), "8-17", "0/6", "1,2,3")
	ofMonth, ofWeek := pick("day of month", "*", number(1, 31), "L", number(1, 31)+"W", "1/3", "5-9", "1W,L"), "?"
	if rapid.Bool().Draw(t, "by week") {
		ofMonth, ofWeek = "?", pick("day of week", "*", number(1, 7), "2-6", number(1, 7)+"L", number(1, 7)+"#"+number(1, 5), "L", "1,7")
	}
	return fmt.Sprintf("cron(%s %s %s %s %s %s)", minutes, hours, ofMonth, pick("month", "*", "*", number(1, 12), "3,10", "1/2"), ofWeek, pick("year", "*", "*", "2026", "2025-2027"))
}

// Next agrees with looking at every minute for itself, in time zones that
// change their clocks by an hour, by half of one, at midnight, and by a day.
func TestNextIsTheFirstMinuteThatFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawCron(t)
		name := rapid.SampledFrom([]string{"UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata", "Pacific/Apia"}).Draw(t, "zone")
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		around := rapid.SampledFrom([]string{"2026-03-08", "2026-03-29", "2026-04-05", "2026-10-25", "2026-11-01", "2026-10-04", "2026-02-27", "2026-12-31", "2011-12-29"}).Draw(t, "day")
		after := utc(around + "T00:00:00Z").Add(time.Duration(rapid.IntRange(-2000, 2000).Draw(t, "minutes")) * time.Minute).
			Add(time.Duration(rapid.SampledFrom([]int{0, 1, 59}).Draw(t, "seconds")) * time.Second)
		e, err := Parse(text, z)
		if err != nil {
			t.Fatal(err)
		}
		got := Plan{Expression: e}.Next(after)
		seen := map[string]bool{} // what the wall showed, also a little before
		for m := after.Add(-2 * time.Hour).Truncate(time.Minute); m.Before(after.Add(30 * time.Hour)); m = m.Add(time.Minute) {
			wall := m.In(z).Format("2006-01-02 15:04")
			if fits := shown(text, m.In(z)) && !seen[wall] && m.After(after); fits {
				if !got.Equal(m) {
					t.Fatalf("%s in %s after %v: %v, want %v", text, name, after, got, m.In(z))
				}
				return
			}
			seen[wall] = true
		}
		if !got.IsZero() && got.Before(after.Add(30*time.Hour)) {
			t.Fatalf("%s in %s after %v: %v, which no minute shows", text, name, after, got)
		}
	})
}

// Whatever is written, it is read or refused, and has a next time or none.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"cron(0/15 8-17 ? * 2#1 2026-2030)", "cron(0 0 LW,3W 1 ? *)", "rate(7 days)", "at(2026-03-07T00:00:00)", "cron(,- / ? # L *)", "rate(-0 s)"} {
		f.Add(s, int64(0))
	}
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		e, err := Parse(text, time.UTC)
		if err != nil {
			return
		}
		after := time.Unix(seconds%(1<<33), 0)
		if next := (Plan{Expression: e, From: time.Unix(0, 0)}).Next(after); !next.IsZero() && !next.After(after) {
			t.Errorf("%s: %v is not after %v", text, next, after)
		}
	})
}
