package fabric

import (
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// The table against a map, over any sequence of puts, removals and look-ups.
func TestTableAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tab table
		ref := map[key]*half{}
		keys := rapid.Custom(func(t *rapid.T) key { return key{sport: rapid.Uint16Range(0, 200).Draw(t, "port"), proto: protoTCP} })
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k, h := keys.Draw(t, "key"), &half{}
				_, had := ref[k]
				if tab.put(k, h) == had {
					t.Fatalf("put says %v", !had)
				}
				if !had {
					ref[k] = h
				}
			},
			"remove": func(t *rapid.T) {
				k := keys.Draw(t, "key")
				tab.remove(k, &half{}) // another's: nothing happens
				tab.remove(k, ref[k])
				delete(ref, k)
			},
			"": func(t *rapid.T) {
				for p := range uint16(201) {
					k := key{sport: p, proto: protoTCP}
					if tab.get(k) != ref[k] {
						t.Fatalf("port %d", p)
					}
				}
			},
		})
	})
}

// Who reads while others write finds everything that stays.
func TestTableReadersDuringWrites(t *testing.T) {
	var tab table
	stays := make([]*half, 100)
	of := func(i int) key { return key{src: addr4(uint32(i)), proto: protoUDP} }
	for i := range stays {
		stays[i] = &half{}
		tab.put(of(i), stays[i])
	}
	var writers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() {
			for i := range 3000 {
				h := &half{}
				tab.put(of(1000*(w+1)+i), h)
				if i%3 > 0 {
					tab.remove(of(1000*(w+1)+i), h)
				}
			}
		})
	}
	for range 200 {
		for i, want := range stays {
			if tab.get(of(i)) != want {
				t.Fatalf("entry %d was lost", i)
			}
		}
	}
	writers.Wait()
}

func TestLeases(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLeases()
		limit := rapid.IntRange(1, 300).Draw(t, "limit")
		k := key{src: addr4(1), dst: addr4(2), dport: 443, proto: protoTCP}
		var held []lease
		for range limit {
			le, ok := l.takeAny("nat", k, limit)
			if !ok || le.key.sport < firstPort {
				t.Fatalf("lease %d: %v %v", len(held), le, ok)
			}
			held = append(held, le)
		}
		if _, ok := l.takeAny("nat", k, limit); ok {
			t.Fatal("more than the limit")
		}
		if _, ok := l.takeAny("nat", key{src: addr4(1), dst: addr4(3), dport: 443, proto: protoTCP}, limit); !ok {
			t.Fatal("another destination has its own ports")
		}
		l.give(held[0])
		if _, ok := l.takeAny("nat", k, limit); !ok {
			t.Fatal("a port that was given back is not free")
		}
	})
}

// Every port comes up once before one comes up again, low ones early.
func TestPortsAreExhausted(t *testing.T) {
	l := newLeases()
	seen := map[uint16]bool{}
	for i := range portCount {
		le, ok := l.takeAny("eni", key{proto: protoTCP}, portCount)
		if !ok || seen[le.key.sport] {
			t.Fatalf("port %d of %d: %v %v", i, portCount, le, ok)
		}
		seen[le.key.sport] = true
	}
	if _, ok := l.takeAny("eni", key{proto: protoTCP}, portCount); ok {
		t.Error("a port that is taken")
	}
	low := 0
	for i := range uint32(10) {
		if (i+1)*portStep%portCount < 32768-firstPort {
			low++
		}
	}
	if low < 3 || low > 7 {
		t.Errorf("%d of the first 10 ports are below 32768", low)
	}
}
