// Package vtl is the Velocity Template Language as API Gateway's mapping
// templates use it.
//
//	text ─▶ Parse ─▶ Template ─▶ Render (variables) ─▶ text
//
// It is the language alone: the variables $input, $util, $context and
// $stageVariables are the gateway's, which hands them in as values of this
// package ([Map], [List], text, numbers, or an [Object] with methods). It does no
// I/O and imports nothing of ours.
//
// The rule it obeys: a template comes from a person and its input from a
// stranger, so both are bounded: in depth, in steps, in what a loop repeats and
// in what is written. What the language has and this package does not (#macro,
// #parse, #include, #evaluate, a method of Java's) is an error that names it.
//
// https://velocity.apache.org/engine/1.7/vtl-reference.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
package vtl

import "fmt"

// Bounds. AWS allows 300 KB for a template and 1,000 turns of a loop; the rest
// is ours.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
const (
	maxTemplate = 300 << 10
	maxTurns    = 1000
	maxDepth    = 200
	maxSteps    = 1_000_000
	maxText     = 10 << 20
)

// An Error is what is wrong with a template, or went wrong in it.
type Error struct {
	Line, Column int // from 1
	Problem      string
}

// Error gives place and problem.
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Problem) }
