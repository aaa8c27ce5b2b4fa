package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"bailey/reach"
	"bailey/source"
)

// The elements of JUnit's XML that CI servers read. There is no standard; these
// are those that Jenkins and GitLab document.
// https://docs.gitlab.com/ci/testing/unit_test_reports/

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Cases  []junitCase `xml:"testcase"`
	Output string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	File    string       `xml:"file,attr,omitempty"`
	Line    int          `xml:"line,attr,omitempty"`
	Failure *junitResult `xml:"failure"`
	Error   *junitResult `xml:"error"`
	Skipped *junitResult `xml:"skipped"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes one test suite for each check and one test case for each path and
// each finding of a rule: a failure is a finding, an error a path that nobody can decide, and what the
// baseline accepts is skipped, with its justification.
func JUnit(w io.Writer, checks ...Check) error {
	return writeJUnit(w, list(checks, junitSuiteOf)...)
}

func writeJUnit(w io.Writer, suites ...junitSuite) error {
	all := junitSuites{Name: "bailey", Suites: suites}
	for _, s := range suites {
		all.add(s.junitCounts)
	}
	data, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	if _, err := io.WriteString(w, xml.Header+string(data)+"\n"); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	return nil
}

func (a *junitCounts) add(b junitCounts) {
	a.Tests += b.Tests
	a.Failures += b.Failures
	a.Errors += b.Errors
	a.Skipped += b.Skipped
}

func junitSuiteOf(c Check) junitSuite {
	s := junitSuite{Name: c.title()}
	for _, p := range c.Proofs {
		t := junitCaseOf(c, p)
		one := junitCounts{Tests: 1}
		switch {
		case t.Failure != nil:
			one.Failures = 1
		case t.Error != nil:
			one.Errors = 1
		case t.Skipped != nil:
			one.Skipped = 1
		}
		s.add(one)
		s.Cases = append(s.Cases, t)
	}
	for _, a := range c.Audit {
		f := c.audited(a)
		t := junitCase{Class: "bailey." + f.Rule, Name: f.Resource + ": " + f.Message, File: f.At.Editable().File, Line: f.At.Editable().Line}
		one := junitCounts{Tests: 1, Failures: 1}
		t.Failure = &junitResult{f.Message, f.Severity.String(), f.Because}
		if f.Suppressed {
			one = junitCounts{Tests: 1, Skipped: 1}
			t.Failure, t.Skipped = nil, &junitResult{Message: "suppressed: " + f.Justification}
		}
		s.add(one)
		s.Cases = append(s.Cases, t)
	}
	s.Output = strings.Join(list(c.Notes.Sorted(), source.Diag.String), "\n")
	return s
}

func junitCaseOf(c Check, p reach.Proof) junitCase {
	at := c.place(p).Editable()
	t := junitCase{Class: "bailey." + ruleOf(p), Name: pathName(p), File: at.File, Line: at.Line}
	f, found := c.judge(p)
	switch {
	case found && f.Suppressed:
		t.Skipped = &junitResult{Message: "suppressed: " + f.Justification, Text: explanation(f.Message, p)}
	case found:
		t.Failure = &junitResult{f.Message, f.Severity.String(), explanation(f.Message, p)}
	case unanswered(p):
		t.Error = &junitResult{unknownMessage(p), "unknown", explanation(unknownMessage(p), p)}
	}
	return t
}
