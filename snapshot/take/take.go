package take

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Config says whom to ask, and where the answers go.
type Config struct {
	Dir         string // the folder of the snapshot; made where it is not there
	Region      string
	Endpoint    string // of every service, in place of AWS's own
	Credentials aws.CredentialsProvider
	HTTP        *http.Client
	// Progress is told each call when it is done; it may be called from several
	// goroutines at once. Nil: nobody is.
	Progress func(Step)
	// Wait waits before a call is made again; nil: by the clock.
	Wait func(context.Context, time.Duration) error
	Now  func() time.Time // nil: the clock
	// Parallel is how many items are asked for at once; 0: four.
	Parallel int
}

// A Step is one call of the plan, done.
type Step struct {
	N, Of   int
	Command string // ec2 describe-vpcs
	Items   int    // that its answer lists, or for which it was asked
	Kept    bool   // its file was there already
	Err     error
}

// An Outcome is what became of a run.
type Outcome struct {
	Account string
	Calls   int
	// Failed are the calls of which there is no answer, each once.
	Failed []Step
}

// A run is the state of one Run.
type run struct {
	*client
	lists map[string][]any // by key
	mu    sync.Mutex
	out   Outcome
}

// Account asks whose credentials these are.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func Account(ctx context.Context, c Config) (string, error) {
	cl := newClient(c)
	s := services["sts"]
	data, err := cl.send(ctx, s, func() (*http.Request, []byte, error) { return cl.request(s, "GetCallerIdentity", "", nil) })
	if err != nil {
		return "", fmt.Errorf("sts get-caller-identity: %w", err)
	}
	root, err := parseXML(data)
	if err != nil {
		return "", err
	}
	if e := root.find("Account"); e != nil {
		return strings.TrimSpace(e.text), nil
	}
	return "", errors.New("sts get-caller-identity names no account")
}

func newClient(c Config) *client {
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: 2 * time.Minute}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	if c.Parallel == 0 {
		c.Parallel = 4
	}
	if c.Progress == nil {
		c.Progress = func(Step) {}
	}
	return &client{Config: c, signer: v4.NewSigner()}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Run makes every call of the plan whose file is not there yet. A call that is
// not allowed, or fails, is noted and the others are made all the same; the error
// is for what ends the run: its context, or the disk.
func Run(ctx context.Context, c Config, account string) (Outcome, error) {
	r := &run{client: newClient(c), lists: map[string][]any{}, out: Outcome{Account: account}}
	if err := r.begin(); err != nil {
		return r.out, err
	}
	for i, call := range calls {
		step := Step{N: i + 1, Of: len(calls), Command: call.service + " " + call.command}
		var err error
		if call.each == "" {
			err = r.list(ctx, call, &step)
		} else {
			err = r.forEach(ctx, call, &step)
		}
		if err != nil {
			return r.out, err
		}
		if step.Err != nil {
			r.out.Failed = append(r.out.Failed, step)
		}
		r.Progress(step)
	}
	return r.out, nil
}

// header is the file that says what the snapshot is of.
const header = "Snapshot.json"

// begin makes the folder, or finds the snapshot in it that is to be gone on with.
func (r *run) begin() error {
	if err := os.MkdirAll(r.Dir, 0o700); err != nil {
		return err
	}
	var head struct {
		Snapshot struct{ Account, Region, Began string }
	}
	name := filepath.Join(r.Dir, header)
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		head.Snapshot.Account, head.Snapshot.Region, head.Snapshot.Began = r.out.Account, r.Region, r.Now().UTC().Format(time.RFC3339)
		return write(name, head)
	case err != nil:
		return err
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if s := head.Snapshot; s.Account != r.out.Account || s.Region != r.Region {
		return fmt.Errorf("%s has a snapshot of account %s in %s already, and this would be one of %s in %s: choose another folder", r.Dir, s.Account, s.Region, r.out.Account, r.Region)
	}
	return nil
}

// list makes a call that is made once.
func (r *run) list(ctx context.Context, c call, step *Step) error {
	doc, kept, err := r.ask(ctx, c, document{"Region": r.Region}, c.key+".json")
	if err != nil {
		return r.failed(ctx, err, step)
	}
	step.Kept = kept
	items, _ := doc[c.topmost()].([]any)
	step.Items = len(items)
	r.lists[c.key] = append(r.lists[c.key], items...)
	return nil
}

// failed notes why a call has no answer; the error is returned where it ends the
// whole run.
func (r *run) failed(ctx context.Context, err error, step *Step) error {
	var disk *os.PathError
	if ctx.Err() != nil || errors.As(err, &disk) {
		return err
	}
	step.Err = err
	return nil
}

// forEach makes a call for every item of a list.
func (r *run) forEach(ctx context.Context, c call, step *Step) error {
	var items []any
	for _, item := range r.lists[c.each] {
		if c.wants(item) {
			items = append(items, item)
		}
	}
	step.Items = len(items)
	errs := make([]error, len(items))
	answers := make([][]any, len(items))
	var group sync.WaitGroup
	slots := make(chan struct{}, r.Parallel)
	for i, item := range items {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				errs[i] = ctx.Err()
				return
			}
			doc, _, err := r.ask(ctx, c, item, c.key+"."+fileName(c.owner(item))+".json")
			answers[i], _ = doc[c.topmost()].([]any)
			errs[i] = err
		})
	}
	group.Wait()
	for i := range items {
		r.lists[c.key] = append(r.lists[c.key], answers[i]...)
		if errs[i] == nil {
			continue
		}
		if err := r.failed(ctx, fmt.Errorf("%s: %w", c.owner(items[i]), errs[i]), step); err != nil {
			return err
		}
	}
	return nil
}

// fileName is an owner's name as part of a file's.
func fileName(owner string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.PathEscape(owner), ":", "%3A"), "$", "%24")
}

// ask gives the answer in a file, and where there is no such file asks AWS, page
// after page, and writes it.
func (r *run) ask(ctx context.Context, c call, item any, name string) (document, bool, error) {
	name = filepath.Join(r.Dir, name)
	if data, err := os.ReadFile(name); err == nil {
		doc := document{}
		if err := json.Unmarshal(data, &doc); err != nil {
			return nil, false, fmt.Errorf("%s: %w", name, err)
		}
		return doc, true, nil
	}
	doc, err := r.pages(ctx, c, item)
	var f *Failure
	if code, none, ok := strings.Cut(c.absent, "="); ok && errors.As(err, &f) && f.Code == code {
		err = json.Unmarshal([]byte(none), &doc)
	}
	if err != nil {
		return nil, false, err
	}
	return doc, false, write(name, doc)
}

// pages asks for all pages and joins their lists.
func (r *run) pages(ctx context.Context, c call, item any) (document, error) {
	input := c.inputs(item)
	var all document
	for page := 0; ; page++ {
		doc, tokens, err := r.page(ctx, c, item, input)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = doc
		} else {
			all.join(doc)
		}
		if len(tokens) == 0 {
			return all, nil
		}
		if next := append(c.inputs(item), tokens...); page > 0 && slices.Equal(next, input) {
			return nil, fmt.Errorf("%s %s gives the same page again", c.service, c.command)
		} else {
			input = next
		}
	}
}

// join adds the lists of a further page.
func (d document) join(next document) {
	for key, v := range next {
		if list, ok := v.([]any); ok {
			have, _ := d[key].([]any)
			d[key] = append(have, list...)
		}
	}
}

// page asks for one page, and gives what to ask for the next with.
func (r *run) page(ctx context.Context, c call, item any, input [][2]string) (document, [][2]string, error) {
	s := services[c.service]
	data, err := r.send(ctx, s, func() (*http.Request, []byte, error) {
		return r.request(s, operation(c.command), filled(c.path, item), input)
	})
	r.mu.Lock()
	r.out.Calls++
	r.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	if s.protocol == jsonRPC || s.protocol == restJSON {
		return c.fromJSON(data, s.lower)
	}
	return c.fromXML(data, s.lower)
}

// write writes a file whole: under another name first, on the disk, then under
// its own.
func write(name string, doc any) error {
	data, err := json.MarshalIndent(doc, "", "    ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return os.Rename(f.Name(), name)
}

// A Line is one call of the plan, for people: how the CLI would make it, and for
// each of what.
type Line struct{ Command, Each string }

// Plan is what Run asks.
func Plan() []Line {
	var out []Line
	for _, c := range calls {
		out = append(out, Line{c.service + " " + c.command, c.each})
	}
	return slices.Compact(out)
}
