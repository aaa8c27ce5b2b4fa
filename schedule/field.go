package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A field is one of cron's, with the values that it may have.
type field struct {
	name        string
	least, most int
	names       []string // of least, least + 1, ...
	wildcards   string
}

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions
var (
	minuteField     = field{"minutes", 0, 59, nil, ", - * /"}
	hourField       = field{"hours", 0, 23, nil, ", - * /"}
	dayOfMonthField = field{"day-of-month", 1, 31, nil, ", - * ? / L W"}
	monthField      = field{"month", 1, 12, strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"), ", - * /"}
	dayOfWeekField  = field{"day-of-week", 1, 7, strings.Fields("SUN MON TUE WED THU FRI SAT"), ", - * ? L #"}
	yearField       = field{"year", firstYear, lastYear, nil, ", - * /"}
)

func (f field) bad(text string) error {
	return fmt.Errorf("%q is no %s: it has %d to %d and the wildcards %s", text, f.name, f.least, f.most, f.wildcards)
}

// value reads a number or a name.
func (f field) value(text string) (int, error) {
	if i := slices.Index(f.names, strings.ToUpper(text)); i >= 0 {
		return f.least + i, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.least || n > f.most || text[0] == '+' || text[0] == '-' {
		return 0, f.bad(text)
	}
	return n, nil
}

// set reads a list of values, ranges and steps. A field that counts from zero
// or one is indexed by the value, years from firstYear.
func (f field) set(text string) ([]bool, error) {
	out := make([]bool, f.index(f.most)+1)
	for part := range strings.SplitSeq(text, ",") {
		from, to, step, err := f.part(part)
		if err != nil {
			return nil, err
		}
		for n := from; n <= to; n += step {
			out[f.index(n)] = true
		}
	}
	return out, nil
}

func (f field) index(n int) int {
	if f.least == firstYear {
		return n - firstYear
	}
	return n
}

// part reads one of "*", "7", "MON-FRI", "1/10", "*/5", "10-30/5".
func (f field) part(text string) (from, to, step int, err error) {
	body, every, stepped := strings.Cut(text, "/")
	from, to, step = f.least, f.most, 1
	if stepped {
		step, err = strconv.Atoi(every)
		if err != nil || step < 1 || step > f.most || every[0] == '+' || !strings.Contains(f.wildcards, "/") {
			return 0, 0, 0, f.bad(text)
		}
	}
	if body == "*" {
		return from, to, step, nil
	}
	first, second, ranged := strings.Cut(body, "-")
	if from, err = f.value(first); err != nil {
		return 0, 0, 0, err
	}
	switch {
	case ranged:
		if to, err = f.value(second); err == nil && to < from {
			err = fmt.Errorf("the range %q of %s ends before it begins", body, f.name)
		}
	case !stepped:
		to = from
	}
	return from, to, step, err
}

// parseDayOfMonth adds L, the last day, and 3W, the weekday nearest to the 3rd.
func parseDayOfMonth(text string) (dayRule, error) {
	d := daysOfMonth{days: make([]bool, 32)}
	for part := range strings.SplitSeq(text, ",") {
		number, nearest := strings.CutSuffix(part, "W")
		switch {
		case part == "L":
			d.last = true
		case nearest:
			n, err := dayOfMonthField.value(number)
			if err != nil {
				return nil, dayOfMonthField.bad(part)
			}
			d.nearest = append(d.nearest, n)
		default:
			set, err := dayOfMonthField.set(part)
			if err != nil {
				return nil, err
			}
			d.days = union(d.days, set)
		}
	}
	return d, nil
}

// parseDayOfWeek adds L, the last day of the week, 6L, the last Friday of the
// month, and 3#2, its second Tuesday, which stands alone.
func parseDayOfWeek(text string) (dayRule, error) {
	d := daysOfWeek{days: make([]bool, 8)}
	if day, nth, ok := strings.Cut(text, "#"); ok {
		var err error
		d.day, err = dayOfWeekField.value(day)
		if len(nth) != 1 || nth < "1" || nth > "5" || err != nil {
			return nil, dayOfWeekField.bad(text)
		}
		d.nth = int(nth[0] - '0')
		return d, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		day, last := strings.CutSuffix(part, "L")
		switch {
		case part == "L":
			d.days[7] = true
		case last:
			n, err := dayOfWeekField.value(day)
			if err != nil {
				return nil, dayOfWeekField.bad(part)
			}
			d.last = append(d.last, n)
		default:
			set, err := dayOfWeekField.set(part)
			if err != nil {
				return nil, err
			}
			d.days = union(d.days, set)
		}
	}
	return d, nil
}

func union(a, b []bool) []bool {
	for i, on := range b {
		a[i] = a[i] || on
	}
	return a
}
