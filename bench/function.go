//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"bailey/cloud"
	"bailey/lambda"
	"bailey/source"
	"bailey/world"
)

// A function is one that answers each event with the event, in a world of its
// own, as `bailey up` runs it.
type function struct {
	w   *world.World
	age int // how often it was changed
}

// openFunction starts a world with the function, which has no environment yet.
func (b *bench) openFunction() (*function, error) {
	program, err := b.function()
	if err != nil {
		return nil, err
	}
	role := cloud.ARN{Partition: "aws", Service: "iam", Account: "123456789012", Resource: "role/echo"}
	m, diags := cloud.New(cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "bench",
		Roles: []cloud.Role{{Meta: cloud.Meta{Name: "Role"}, ARN: role, RoleName: "echo"}},
		Functions: []cloud.Function{{
			Meta:         cloud.Meta{Name: "Echo", Type: "AWS::Lambda::Function"},
			ARN:          cloud.ARN{Partition: "aws", Service: "lambda", Region: "us-west-2", Account: "123456789012", Resource: "function:echo"},
			FunctionName: "echo", Runtime: "provided.al2023", Handler: "bootstrap", MemoryMB: 128, Timeout: 10 * time.Second,
			Role: cloud.Known(role.String()), Code: cloud.Code{Dir: filepath.Dir(program)},
		}}})
	if err := diags.Err(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, "echo-")
	if err != nil {
		return nil, err
	}
	w, err := world.Start(context.Background(), world.Config{Model: m, Dir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		return nil, err
	}
	b.closing(w.Close)
	return &function{w: w}, nil
}

// chill changes the function, so that its environment ends, and waits until it
// is gone and the world has come to rest.
func (f *function) chill() error {
	f.age++
	next, diags := f.w.Model().With(func(s *cloud.Spec) {
		s.Functions[0].Env = []cloud.EnvVar{{Name: "AGE", Value: cloud.Known(fmt.Sprint(f.age)), At: source.Span{}}}
	})
	if err := diags.Err(); err != nil {
		return err
	}
	if err := f.w.Apply(next); err != nil {
		return err
	}
	for f.w.Status().Functions[0].Environments > 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(80 * time.Millisecond)
	return nil
}

// event is what functions are invoked with.
var event = []byte(`{"key":"value"}`)

// invoke invokes the function once and looks at its answer.
func (f *function) invoke() error {
	r, err := f.w.Invoke(context.Background(), lambda.Request{Function: "echo", Payload: event})
	if err == nil && !bytes.Equal(r.Payload, event) {
		err = errors.New("the function answers " + string(r.Payload))
	}
	return err
}
