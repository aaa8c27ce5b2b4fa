package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Expression is when something fires: cron(...), rate(...) or at(...). The
// zero Expression never does.
type Expression struct {
	text  string
	zone  *time.Location
	cron  *cron
	every time.Duration // rate: between two times
	at    time.Time     // at: the time; zero if the zone does not have it
}

// ParseRule reads the expression of a rule: cron in UTC, or a rate whose unit
// is singular for 1 and plural otherwise.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
func ParseRule(text string) (Expression, error) {
	e, err := Parse(text, time.UTC)
	_, unit, _ := strings.Cut(strings.TrimSuffix(text, ")"), " ")
	switch {
	case err != nil:
		return Expression{}, err
	case strings.HasPrefix(text, "at("):
		return Expression{}, fmt.Errorf("%s: a rule has no one-time expression, a schedule of EventBridge Scheduler has", text)
	case e.every != 0 && strings.HasPrefix(text, "rate(1 ") == strings.HasSuffix(unit, "s"):
		return Expression{}, fmt.Errorf("%s: the unit of 1 is singular, that of more is plural", text)
	}
	return e, nil
}

// Parse reads the expression of a schedule, which is meant in the time zone.
func Parse(text string, zone *time.Location) (Expression, error) {
	kind, rest, _ := strings.Cut(text, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	e := Expression{text: text, zone: zone}
	var err error
	switch {
	case !closed:
		err = fmt.Errorf("it is none of cron(...), rate(...) and at(...)")
	case kind == "cron":
		e.cron, err = parseCron(inner)
	case kind == "rate":
		e.every, err = parseRate(inner)
	case kind == "at":
		e.at, err = parseAt(inner, zone)
	default:
		err = fmt.Errorf("it is none of cron(...), rate(...) and at(...)")
	}
	if err != nil {
		return Expression{}, fmt.Errorf("%s: %w", text, err)
	}
	return e, nil
}

// String gives the text that was parsed.
func (e Expression) String() string { return e.text }

// Once reports whether it fires one time only.
func (e Expression) Once() bool { return strings.HasPrefix(e.text, "at(") }

var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// parseRate reads "5 minutes". A day is 24 hours, whatever daylight saving
// does: https://repost.aws/knowledge-center/eventbridge-scheduler-adjust-dst
func parseRate(text string) (time.Duration, error) {
	value, unit, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(value, 10, 64)
	every, known := units[strings.TrimSuffix(unit, "s")]
	switch {
	case err != nil || n < 1 || value[0] == '+':
		return 0, fmt.Errorf("%q is not a positive whole number", value)
	case !known:
		return 0, fmt.Errorf("the unit %q is none of minutes, hours and days", unit)
	case n > int64(100*365*24*time.Hour/every):
		return 0, fmt.Errorf("%s %s is beyond a hundred years", value, unit)
	}
	return time.Duration(n) * every, nil
}

// parseAt reads "2022-11-20T13:00:00". A time that clocks skip is no time.
func parseAt(text string, zone *time.Location) (time.Time, error) {
	wall, err := time.Parse("2006-01-02T15:04:05", text)
	if err != nil || len(text) != len("2006-01-02T15:04:05") {
		return time.Time{}, fmt.Errorf("%q is not yyyy-mm-ddThh:mm:ss", text)
	}
	at, _ := instant(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), zone)
	return at, nil
}

// A Plan is when a rule or schedule fires.
type Plan struct {
	Expression
	// From is the first time of a rate, and every following one is counted
	// from it. For a rule it lies one interval after the rule was made.
	From time.Time
	// Start and End bound the times, both included; zero: no bound. A one-time
	// expression has none:
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
	Start, End time.Time
}

// Next gives the first time after the given one; the zero time if there is
// none. The answer is in the expression's time zone.
func (p Plan) Next(after time.Time) time.Time {
	if p.Once() {
		if p.at.After(after) {
			return p.at
		}
		return time.Time{}
	}
	if before := p.Start.Add(-1); !p.Start.IsZero() && before.After(after) {
		after = before
	}
	var next time.Time
	switch {
	case p.cron != nil:
		next = p.cron.next(after, p.zone)
	case p.every > 0:
		next = p.nextOfRate(after)
	}
	if !p.End.IsZero() && next.After(p.End) {
		return time.Time{}
	}
	return next
}

func (p Plan) nextOfRate(after time.Time) time.Time {
	from := p.From
	if !p.Start.IsZero() {
		from = p.Start
	}
	if from.After(after) {
		return from.In(p.zone)
	}
	return from.Add((after.Sub(from)/p.every + 1) * p.every).In(p.zone)
}

// Following is the time of a rate that comes one interval after t; t itself for
// any other expression.
func (e Expression) Following(t time.Time) time.Time { return t.Add(e.every) }
