package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The years that AWS's cron knows.
const firstYear, lastYear = 1970, 2199

// A cron is six fields: minutes, hours, day of month, month, day of week, year.
type cron struct {
	minutes, hours, months, years []bool // by value; years by value - firstYear
	day                           dayRule
}

// A dayRule says which days of a month it is, by the month or by the week.
type dayRule interface {
	on(year int, month time.Month, day int) bool
}

func parseCron(text string) (*cron, error) {
	f := strings.Fields(text)
	if len(f) != 6 {
		return nil, fmt.Errorf("it has %d fields, cron has six: minutes hours day-of-month month day-of-week year", len(f))
	}
	c := &cron{}
	var errs [5]error
	c.minutes, errs[0] = minuteField.set(f[0])
	c.hours, errs[1] = hourField.set(f[1])
	c.months, errs[2] = monthField.set(f[3])
	c.years, errs[3] = yearField.set(f[5])
	c.day, errs[4] = parseDay(f[2], f[4])
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// parseDay reads day-of-month and day-of-week, one of which must be ?.
func parseDay(ofMonth, ofWeek string) (dayRule, error) {
	switch {
	case (ofMonth == "?") == (ofWeek == "?"):
		return nil, fmt.Errorf("one of day-of-month and day-of-week must be ?, and the other not: they are %s and %s", ofMonth, ofWeek)
	case ofWeek == "?":
		return parseDayOfMonth(ofMonth)
	}
	return parseDayOfWeek(ofWeek)
}

// next walks the days from after's own, and within a day its wall clock. Each
// wall time counts once, so times come in their order.
func (c *cron) next(after time.Time, zone *time.Location) time.Time {
	after = after.In(zone)
	year, month, day := after.Date()
	for y := max(year, firstYear); y <= lastYear; y++ {
		if y > year {
			month, day = time.January, 1
		}
		for m := month; c.years[y-firstYear] && m <= time.December; m++ {
			if m > month || y > year && m == time.January {
				day = 1
			}
			if t := c.inMonth(y, m, day, after); !t.IsZero() {
				return t
			}
		}
	}
	return time.Time{}
}

// inMonth gives the first time after the given one, from a day of a month on.
func (c *cron) inMonth(year int, month time.Month, from int, after time.Time) time.Time {
	if !c.months[month] {
		return time.Time{}
	}
	for day := from; day <= daysIn(year, month); day++ {
		if !c.day.on(year, month, day) {
			continue
		}
		if t := c.inDay(year, month, day, after); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func (c *cron) inDay(year int, month time.Month, day int, after time.Time) time.Time {
	for hour, on := range c.hours {
		if !on {
			continue
		}
		for minute, on := range c.minutes {
			if !on {
				continue
			}
			if t, ok := instant(year, month, day, hour, minute, 0, after.Location()); ok && t.After(after) {
				return t
			}
		}
	}
	return time.Time{}
}

// instant is when a clock on the wall shows that time first. Where clocks go
// forward over it, it is not there; where they go back, what is scheduled "runs
// only once and doesn't repeat its invocation".
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
func instant(year int, month time.Month, day, hour, minute, second int, zone *time.Location) (time.Time, bool) {
	t := time.Date(year, month, day, hour, minute, second, 0, zone)
	same := func(t time.Time) bool {
		return t.Day() == day && t.Hour() == hour && t.Minute() == minute
	}
	if !same(t) {
		return time.Time{}, false
	}
	start, _ := t.ZoneBounds()
	if start.IsZero() {
		return t, true
	}
	_, now := t.Zone()
	_, before := start.Add(-1).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); first.Before(start) && same(first) {
		return first, true
	}
	return t, true
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func weekday(year int, month time.Month, day int) time.Weekday {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()
}

// daysOfMonth are days by their numbers, the last one, and weekdays nearest to
// a number. The nearest weekday never lies in another month.
type daysOfMonth struct {
	days    []bool
	last    bool
	nearest []int
}

func (d daysOfMonth) on(year int, month time.Month, day int) bool {
	last := daysIn(year, month)
	return d.days[day] || d.last && day == last ||
		slices.ContainsFunc(d.nearest, func(n int) bool { return n <= last && day == nearestWeekday(year, month, n, last) })
}

func nearestWeekday(year int, month time.Month, day, last int) int {
	switch weekday(year, month, day) {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	}
	return day
}

// daysOfWeek are weekdays, counted from Sunday as 1; the last such day of a
// month; or the n-th.
type daysOfWeek struct {
	days []bool
	last []int
	nth  int // of nthDay; 0: none
	day  int
}

func (d daysOfWeek) on(year int, month time.Month, day int) bool {
	w := int(weekday(year, month, day)) + 1
	return d.days[w] || slices.Contains(d.last, w) && day+7 > daysIn(year, month) || d.nth > 0 && w == d.day && (day+6)/7 == d.nth
}
