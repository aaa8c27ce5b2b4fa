// Package report prints what was found: as text for a person, as JSON for a
// program, and in the formats of those who stand between the two.
//
//	Check ──► Text, CheckJSON   the terminal; any program
//	      ──► SARIF             code scanning: each finding with its path as a code flow
//	      ──► JUnit             the test page of a CI server: one test case a path
//	      ──► Markdown          a pull request's comment, a job's summary
//	      ──► GitHub            annotations in the log of a workflow
//	      ──► WriteBaseline     what is accepted from now on; ReadBaseline takes it back
//
// It decides nothing and works nothing out: what a path is comes from reach, and
// the only judgement here is which paths are findings and which of them the
// baseline accepts. The same Check gives the same bytes. The JSON shapes are a
// contract: fields may be added, never renamed. Names come from the user's files
// and may hold anything; no format lets one become markup, a command or a line of
// its own.
package report
