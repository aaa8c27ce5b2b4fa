package lambda

import (
	"iter"
	"slices"
	"sync"
	"time"
)

// A LogSink takes the log: world stores it as CloudWatch Logs. Lines of a
// stream come in their order, without a newline at the end; a line may hold
// newlines where AWS makes one event of several.
type LogSink interface {
	PutAll(group, stream string, lines iter.Seq2[time.Time, string])
}

// flushAfter is how long a line may wait for others to go to the sink with.
const flushAfter = 10 * time.Millisecond

// tailSize is how much of the log's end Invoke returns.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-request-LogType
const tailSize = 4 << 10

// notePrefix marks a line in a function's log as Bailey's own.
const notePrefix = "[bailey] "

// A journal is the log of one environment on its way to the sink. Adding a
// line never waits for the sink.
type journal struct {
	sink          LogSink
	group, stream string

	mu    sync.Mutex
	queue []line
	due   *time.Timer // flushes the queue; nil: it is empty
	tail  []byte      // the log's end, since the invocation's beginning
	notes *[]string   // of the invocation; nil: between two

	turn chan struct{} // holds a token while somebody hands lines to the sink
}

type line struct {
	t    time.Time
	text string
}

func newJournal(sink LogSink, group, stream string) *journal {
	return &journal{sink: sink, group: group, stream: stream, turn: make(chan struct{}, 1)}
}

// add appends one line as of now.
func (j *journal) add(text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.append(text)
}

func (j *journal) append(text string) {
	j.queue = append(j.queue, line{time.Now(), text})
	j.tail = append(append(j.tail, text...), '\n')
	if len(j.tail) > 2*tailSize {
		j.tail = append(j.tail[:0], j.tail[len(j.tail)-tailSize:]...)
	}
	if j.due == nil {
		j.due = time.AfterFunc(flushAfter, j.flush)
	}
}

// note appends a line of Bailey's and keeps it for the invocation's Response.
func (j *journal) note(text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.append(notePrefix + text)
	if j.notes != nil {
		*j.notes = append(*j.notes, text)
	}
}

// open begins an invocation's part of the log, whose notes are kept in notes.
func (j *journal) open(notes *[]string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tail, j.notes = nil, notes
}

// read gives the notes of an invocation so far.
func (j *journal) read(notes *[]string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(*notes)
}

// cut ends an invocation's part of the log, and returns the end of it.
func (j *journal) cut() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	tail := j.tail[max(0, len(j.tail)-tailSize):]
	j.tail, j.notes = nil, nil
	return tail
}

// flush returns when the sink has every line added before.
func (j *journal) flush() {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	j.mu.Lock()
	lines := j.queue
	j.queue = nil
	if j.due != nil {
		j.due.Stop()
		j.due = nil
	}
	j.mu.Unlock()
	if len(lines) == 0 {
		return
	}
	j.sink.PutAll(j.group, j.stream, func(yield func(time.Time, string) bool) {
		for _, l := range lines {
			if !yield(l.t, l.text) {
				return
			}
		}
	})
}

// nowhere is the sink of who wants no log.
type nowhere struct{}

func (nowhere) PutAll(string, string, iter.Seq2[time.Time, string]) {}
