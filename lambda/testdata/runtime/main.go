// Command runtime is a custom runtime with nothing but net/http, for the tests
// of package lambda. It does what its event says.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

var (
	api   = "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"
	ticks atomic.Int64
	hoard [][]byte
)

func main() {
	switch os.Getenv("INIT") {
	case "crash":
		fmt.Fprintln(os.Stderr, "no, not today")
		os.Exit(3)
	case "tick":
		go tick()
	}
	for {
		id, event := next()
		if answer, err := handle(event); err != nil {
			post("invocation/"+id+"/error", `{"errorMessage":"`+err.Error()+`","errorType":"errorString"}`)
		} else {
			post("invocation/"+id+"/response", answer)
		}
	}
}

func tick() {
	for range time.Tick(time.Millisecond) {
		ticks.Add(1)
	}
}

func next() (id, event string) {
	resp, err := http.Get(api + "invocation/next")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	return resp.Header.Get("Lambda-Runtime-Aws-Request-Id"), string(body)
}

func post(path, body string) {
	resp, err := http.Post(api+path, "application/json", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

func handle(event string) (string, error) {
	switch event {
	case `"print"`:
		for i := range 500 {
			fmt.Println("out", i)
			fmt.Fprintln(os.Stderr, "err", i)
		}
		fmt.Print("the last one has no end")
	case `"fail"`:
		return "", fmt.Errorf("as asked")
	case `"panic"`:
		panic("as asked")
	case `"exit"`:
		os.Exit(1)
	case `"hang"`:
		select {}
	case `"hoard"`:
		for {
			b := make([]byte, 8<<20)
			for i := range b {
				b[i] = 1
			}
			hoard = append(hoard, b)
		}
	case `"ticks"`:
		return fmt.Sprint(ticks.Load()), nil
	case `"pass"`: // lets 100 ticks pass
		for from := ticks.Load(); ticks.Load() < from+100; {
			time.Sleep(time.Millisecond)
		}
	case `"environ"`:
		out, err := json.Marshal(os.Environ())
		return string(out), err
	case `"write"`:
		return fmt.Sprintf("%q", fmt.Sprint(os.WriteFile("/var/task/x", nil, 0o644), os.WriteFile("/tmp/x", nil, 0o644))), nil
	}
	return event, nil
}
