package fabric

import "sync"

// A journal hands records to subscribers, in order, from a goroutine of its
// own, so that whoever is slow with them holds up no packet.
type journal struct {
	mu          sync.Mutex
	wake        *sync.Cond
	waiting     []Record
	skip        bool // the next record is the first after lost ones
	lost        uint64
	closed      bool
	subscribers []*subscriber
	done        chan struct{}
}

type subscriber struct{ fn func(Record) }

const maxWaiting = 16384

func newJournal() *journal {
	j := &journal{done: make(chan struct{})}
	j.wake = sync.NewCond(&j.mu)
	go j.run()
	return j
}

func (j *journal) write(r Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting) >= maxWaiting {
		j.lost++
		j.skip = true
		return
	}
	r.Skipped, j.skip = j.skip, false
	j.waiting = append(j.waiting, r)
	j.wake.Signal()
}

func (j *journal) run() {
	defer close(j.done)
	for {
		records, subscribers, more := j.take()
		for _, r := range records {
			for _, s := range subscribers {
				s.fn(r)
			}
		}
		if !more {
			return
		}
	}
}

// take waits for records.
func (j *journal) take() ([]Record, []*subscriber, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.waiting) == 0 && !j.closed {
		j.wake.Wait()
	}
	records := j.waiting
	j.waiting = nil
	return records, j.subscribers, !j.closed
}

func (j *journal) subscribe(fn func(Record)) (stop func()) {
	s := &subscriber{fn}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.subscribers = append(j.subscribers[:len(j.subscribers):len(j.subscribers)], s)
	return func() { j.unsubscribe(s) }
}

func (j *journal) unsubscribe(s *subscriber) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var rest []*subscriber
	for _, other := range j.subscribers {
		if other != s {
			rest = append(rest, other)
		}
	}
	j.subscribers = rest
}

func (j *journal) skipped() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lost
}

// close delivers what waits and ends the goroutine.
func (j *journal) close() {
	j.mu.Lock()
	j.closed = true
	j.wake.Signal()
	j.mu.Unlock()
	<-j.done
}
