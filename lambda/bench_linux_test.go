package lambda

import (
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
)

// What counts are ratios in one run: an invocation in a warm environment
// against the bare round trip of the two requests of which it is made, with
// the same program on the other side.
//
//	go test -run - -bench . -count 5 ./lambda
func BenchmarkFloorLongPoll(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	events, answers := make(chan string), make(chan []byte)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case e := <-events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "id")
			io.WriteString(w, e)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		answers <- body
	})
	server := &http.Server{Handler: mux}
	go server.Serve(l)
	defer server.Close()
	cmd := exec.Command(filepath.Join(build(b, "runtime"), "bootstrap"))
	cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + l.Addr().String()}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	events <- "{}"
	<-answers
	for b.Loop() {
		events <- "{}"
		<-answers
	}
}

func BenchmarkWarm(b *testing.B)        { benchWarm(b, plain{}) }
func BenchmarkWarmSandbox(b *testing.B) { benchWarm(b, newSandboxed(b)) }

func benchWarm(b *testing.B, l Launcher) {
	s := benchService(b, l)
	req := Request{Function: "f", Payload: []byte("{}")}
	benchInvoke(b, s, req)
	for b.Loop() {
		benchInvoke(b, s, req)
	}
}

func BenchmarkWarmParallel(b *testing.B) {
	s := benchService(b, plain{})
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			benchInvoke(b, s, Request{Function: "f", Payload: []byte("{}")})
		}
	})
}

// The cold start includes the Init phase and the first invocation; the floor
// of a process in all namespaces is package sandbox's.
func BenchmarkCold(b *testing.B)        { benchCold(b, plain{}) }
func BenchmarkColdSandbox(b *testing.B) { benchCold(b, newSandboxed(b)) }

func benchCold(b *testing.B, l Launcher) {
	s := benchService(b, l)
	for b.Loop() {
		benchInvoke(b, s, Request{Function: "f", Payload: []byte("{}")})
		b.StopTimer()
		s.mu.Lock()
		s.retire(s.functions["f"])
		s.mu.Unlock()
		b.StartTimer()
	}
}

func benchService(b *testing.B, l Launcher) *Service {
	s := New(Config{Model: newModel(b, declare("f", build(b, "runtime"))), Launcher: l})
	b.Cleanup(func() { s.Close() })
	return s
}

func benchInvoke(b *testing.B, s *Service, req Request) {
	if res, err := s.Invoke(context.Background(), req); err != nil || res.FunctionError != "" {
		b.Fatal(err, string(res.Payload))
	}
}
