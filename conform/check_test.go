package conform

import (
	"flag"
	"os"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// check looks at n models, or as many as BAILEY_CONFORM_MODELS or rapid's own
// flag say.
func check(t *testing.T, n int, prop func(*rapid.T)) {
	t.Helper()
	if s := os.Getenv("BAILEY_CONFORM_MODELS"); s != "" {
		m, err := strconv.Atoi(s)
		if err != nil || m < 1 {
			t.Fatalf("BAILEY_CONFORM_MODELS=%q is not a number of models", s)
		}
		n = m
	}
	asked := onCommandLine()
	for name, value := range map[string]string{"rapid.checks": strconv.Itoa(n), "rapid.nofailfile": "true", "rapid.shrinktime": "5s", "rapid.seed": seed()} {
		if asked[name] {
			continue
		}
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { flag.Set(name, flag.Lookup(name).DefValue) })
	}
	rapid.Check(t, prop)
}

// seed is the same in every run, so that what passes once passes again; a long
// run, which looks for what nobody has found yet, gets new models each time.
func seed() string {
	if os.Getenv("BAILEY_CONFORM_MODELS") != "" {
		return "0" // rapid's own choice
	}
	return "20261121"
}

// onCommandLine are the flags that whoever runs the tests has set.
var onCommandLine = sync.OnceValue(func() map[string]bool {
	asked := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { asked[f.Name] = true })
	return asked
})
