//go:build linux

package main

import (
	"fmt"
	"time"
)

// A unit is what a row's figures are in.
type unit string

const (
	seconds       unit = "s"
	bitsPerSecond unit = "bit/s"
	perSecond     unit = "1/s"
	bytesResident unit = "B"
)

// text writes v as people read it.
func (u unit) text(v float64) string {
	switch u {
	case seconds:
		return duration(v)
	case bitsPerSecond:
		return fmt.Sprintf("%.1f Gbit/s", v/1e9)
	case bytesResident:
		return fmt.Sprintf("%.1f MB", v/1e6)
	}
	return fmt.Sprintf("%.0f/s", v)
}

// duration keeps three digits or so.
func duration(s float64) string {
	d := time.Duration(s * 1e9)
	switch {
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", s*1e3)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", s*1e3)
	case d >= 10*time.Microsecond:
		return fmt.Sprintf("%.0f us", s*1e6)
	}
	return fmt.Sprintf("%.2f us", s*1e6)
}

// A target is what a row should come to. The zero target is none: the row is
// there to be known.
type target struct {
	least, most float64 // of the ratio, ours to the peer's
	below       float64 // of ours, in the row's unit
}

func ratioAtLeast(x float64) target { return target{least: x} }
func ratioAtMost(x float64) target  { return target{most: x} }
func oursBelow(x float64) target    { return target{below: x} }

func (t target) text(u unit) string {
	switch {
	case t.least > 0:
		return fmt.Sprintf("at least %g", t.least)
	case t.most > 0:
		return fmt.Sprintf("at most %g", t.most)
	case t.below > 0:
		return "ours under " + u.text(t.below)
	}
	return ""
}

// met reports whether the medians reach the target; nil where there is none.
func (t target) met(ours, ratio float64) *bool {
	if t == (target{}) {
		return nil
	}
	ok := ratio >= t.least && (t.most == 0 || ratio <= t.most) && (t.below == 0 || ours < t.below)
	return &ok
}
