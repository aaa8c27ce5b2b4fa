package fabric

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestDelayKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := pair(t, Config{})
		n.SetFault(a.Tap, Fault{Delay: time.Second})
		n.SetFault(b.Tap, Fault{Delay: time.Second})
		var want []string
		for i := range 5 {
			src := fmt.Sprint("10.0.0.2:", 4000+i)
			a.send(udp(src, "10.0.1.2:53", "q"))
			want = append(want, fmt.Sprintf("17 %s > 10.0.1.2:53", src))
		}
		time.Sleep(1999 * time.Millisecond)
		synctest.Wait()
		expect(t, "too early, b", b.got(t))
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		expect(t, "b", b.got(t), want...)
	})
}

// Close does not wait for what is held back.
func TestCloseDuringDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := pair(t, Config{})
		n.SetFault(a.Tap, Fault{Delay: time.Hour})
		for i := range maxHeld + 3 {
			a.send(udp(fmt.Sprint("10.0.0.2:", 1024+i), "10.0.1.2:53", "q"))
		}
		if s := n.Stats(); s.Faulted != 3 {
			t.Errorf("stats %+v", s)
		}
		n.Close()
		expect(t, "b", b.got(t))
	})
}
