package snapshot

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"bailey/cfn/document"
	"bailey/source"
)

// MaxBytes is the most that is read of one file.
const MaxBytes = 256 << 20

// A File is one file of the folder.
type File struct {
	Name string // as positions show it
	Path string // from the snapshot's folder, with slashes
	Data []byte
}

// A Snapshot is a folder, read: an environment for each account and region.
type Snapshot struct {
	folder       string
	environments []*environment
}

// An Environment is an account in a region. Either is empty where the folder
// does not say it.
type Environment struct{ Account, Region string }

// An environment is what the files say of one account and region.
type environment struct {
	Environment
	folder string
	lists  map[string][]item
	// said holds of what has an owner that only the file's name says whose lists
	// there are, by kind.
	said map[string]map[string]bool
	// more says of kinds that their files end before the last page.
	more  map[string]source.Span
	seen  map[string]item // by kind and identity
	whose *Environment    // what told found out
}

// Is reports whether files, by their paths, look like a snapshot's: one is
// named after a key that the AWS CLI prints on top.
func Is(paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		name, isJSON := strings.CutSuffix(path.Base(p), ".json")
		key, _, _ := strings.Cut(name, ".")
		_, known := kindOf[key]
		return isJSON && known && key[0] >= 'A' && key[0] <= 'Z'
	})
}

// IsOne reports whether a file's text begins like what the AWS CLI prints: a
// map whose first key is one of the table's. It looks at the first bytes only.
func IsOne(data []byte) bool {
	m := firstKey.FindSubmatch(document.UTF8(data[:min(len(data), 512)]))
	if m == nil {
		return false
	}
	k, ok := kindOf[string(m[1])]
	return ok && !ambiguous[k.key]
}

var firstKey = regexp.MustCompile(`^\s*\{\s*"([A-Za-z]+)"\s*:`)

// ambiguous are keys that other documents begin with as well.
var ambiguous = map[string]bool{"Parameters": true, "Rules": true, "Policy": true, "Attributes": true, "Targets": true, "instances": true, "Entries": true, "Routes": true, "Versions": true, "Keys": true, "Table": true, "Schedules": true, "ScheduleExpression": true}

// Read reads the files of a snapshot in a folder, whose name positions carry
// that no file has.
func Read(folder string, files []File) (*Snapshot, source.Diags) {
	s := &Snapshot{folder: folder}
	var diags source.Diags
	places := map[Environment]*environment{}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	all := environmentsOf(files)
	for _, e := range all {
		places[e] = &environment{Environment: e, folder: folder, lists: map[string][]item{}, said: map[string]map[string]bool{}, more: map[string]source.Span{}, seen: map[string]item{}}
		s.environments = append(s.environments, places[e])
	}
	for _, f := range files {
		doc, found := document.ReadJSON(f.Name, f.Data, MaxBytes)
		if diags = append(diags, found...); found.HasErrors() {
			continue
		}
		own := environmentOf(f.Path)
		known := false
		for _, e := range all {
			if own.holds(e) {
				known = places[e].add(f, doc, &diags) || known
			}
		}
		if !known {
			diags.Add(source.Diag{Code: "SNAPSHOT_UNKNOWN_FILE", Severity: source.Note, At: source.Span{File: f.Name}, Summary: "nothing in the file is known here: " + keysOf(doc), Hint: "what it describes is not in the answers"})
		}
	}
	return s, diags
}

// keysOf tells what a document has on top.
func keysOf(doc source.Node) string {
	if doc.Kind != source.Map {
		return "it is a " + doc.Kind.String()
	}
	var keys []string
	for _, e := range doc.Entries[:min(8, len(doc.Entries))] {
		keys = append(keys, e.Key)
	}
	return "its keys are " + strings.Join(keys, ", ")
}

var (
	regionForm  = regexp.MustCompile(`^[a-z]{2,3}(-[a-z]+)+-[0-9]+$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
)

// environmentOf reads the folders of a file: aws_configs/ACCOUNT/REGION, or the
// last of these.
func environmentOf(p string) (e Environment) {
	folders := strings.Split(path.Dir(p), "/")
	for i, name := range folders {
		switch {
		case regionForm.MatchString(name):
			e.Region = name
			if i > 0 && folders[i-1] != "aws_configs" {
				e.Account = folders[i-1]
			}
		case accountForm.MatchString(name):
			e.Account = name
		}
	}
	return e
}

// holds reports whether what is described of e is described of o too: the
// folder of an account is above those of its regions.
func (e Environment) holds(o Environment) bool {
	return (e.Account == "" || e.Account == o.Account) && (e.Region == "" || e.Region == o.Region)
}

// environmentsOf are the environments of files, without those that hold others.
func environmentsOf(files []File) []Environment {
	found := map[Environment]bool{}
	for _, f := range files {
		found[environmentOf(f.Path)] = true
	}
	all := slices.Collect(maps.Keys(found))
	out := slices.DeleteFunc(slices.Clone(all), func(e Environment) bool {
		return slices.ContainsFunc(all, func(o Environment) bool { return o != e && e.holds(o) })
	})
	slices.SortFunc(out, func(a, b Environment) int {
		return strings.Compare(a.Account+"/"+a.Region, b.Account+"/"+b.Region)
	})
	return out
}

// add files what a document lists, and reports whether it lists anything known.
func (e *environment) add(f File, doc source.Node, diags *source.Diags) bool {
	if doc.Kind == source.List { // a list without its key, in a file named after it
		key, _, _ := strings.Cut(strings.TrimSuffix(path.Base(f.Path), ".json"), ".")
		doc = source.Node{Kind: source.Map, At: doc.At, Entries: []source.Entry{{Key: key, KeyAt: doc.At, Value: doc}}}
	}
	key, _, _ := strings.Cut(strings.TrimSuffix(path.Base(f.Path), ".json"), ".")
	_, known := kindOf[key]
	known = known && doc.Kind == source.Map && len(doc.Entries) == 0
	if known { // the call prints nothing where there is nothing
		e.says(key, ownerIn(f.Path))
	}
	for _, entry := range doc.Entries {
		k, ok := kindOn(entry, key)
		if !ok || entry.Value.Kind == source.Null {
			continue
		}
		known = true
		e.list(k, f, doc, entry, diags)
		if next, more := moreOf(doc); more {
			e.more[k.key] = next
			diags.Add(source.Diag{Code: "SNAPSHOT_MORE_PAGES", Severity: source.Warning, At: next, Summary: "the list of " + k.key + " ends before its last page", Hint: "print all of it: aws " + k.call + " without --max-items or --no-paginate"})
		}
	}
	return known
}

// says notes that there is a list of a kind, for an owner.
func (e *environment) says(key, owner string) {
	if e.said[key] == nil {
		e.said[key] = map[string]bool{}
	}
	e.said[key][owner] = true
}

// moreOf finds the token of a next page.
// https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
func moreOf(doc source.Node) (source.Span, bool) {
	for _, key := range []string{"NextToken", "nextToken", "NextMarker", "Marker", "nextPageToken", "position"} {
		if v, ok := doc.Get(key); ok && v.Kind == source.String && v.Text != "" {
			return v.At, true
		}
	}
	for _, key := range []string{"IsTruncated", "AdditionalRoutesAvailable"} {
		v, _ := doc.Get(key)
		if more, _ := v.Bool(); more {
			return v.At, true
		}
	}
	return source.Span{}, false
}

// list files one list, or one value.
func (e *environment) list(k kind, f File, doc source.Node, entry source.Entry, diags *source.Diags) {
	owner := ownerIn(f.Path)
	e.says(k.key, owner)
	if k.single { // the other keys belong to it
		e.lists[k.key] = append(e.lists[k.key], item{n: doc, of: f.Name, owner: owner})
		return
	}
	if entry.Value.Kind != source.List {
		diags.Errorf("SNAPSHOT_WRONG_TYPE", entry.Value.At, "%s must be a list, not a %s: this is not what the AWS CLI prints", k.key, entry.Value.Kind)
		return
	}
	for _, n := range entry.Value.Items {
		it := item{n: n, of: f.Name, owner: owner}
		if n.Kind != source.Map && k.id != "" {
			diags.Errorf("SNAPSHOT_WRONG_TYPE", n.At, "%s must be a list of maps, and here is a %s", k.key, n.Kind)
			continue
		}
		if e.twice(k, it, diags) {
			continue
		}
		e.lists[k.key] = append(e.lists[k.key], it)
	}
}

// twice reports an item that is there already, and says so where the two differ.
func (e *environment) twice(k kind, it item, diags *source.Diags) bool {
	id := k.identity(it)
	if id == "" || k.of != "" {
		return false
	}
	id = k.key + " " + id
	first, seen := e.seen[id]
	if !seen {
		e.seen[id] = it
		return false
	}
	if !same(first.n, it.n) {
		diags.Add(source.Diag{Code: "SNAPSHOT_DESCRIBED_TWICE", At: it.n.At, Summary: fmt.Sprintf("%s is described otherwise at %s", strings.TrimPrefix(id, k.key+" "), first.n.At),
			Hint: "keep one of the two files: they were printed at different times"})
	}
	return true
}

// ownerIn is what a file's name says beside the key: what the items belong to.
// The CLI does not print it, so whoever saves the list has to: Entries.pl-0a1b.json,
// with %2F for a slash.
func ownerIn(p string) string {
	name := strings.TrimSuffix(path.Base(p), ".json")
	_, owner, _ := strings.Cut(name, ".")
	if plain, err := url.PathUnescape(owner); err == nil {
		return plain
	}
	return owner
}
