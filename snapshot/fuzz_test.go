package snapshot

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/tools/txtar"

	"bailey/cloud"
	"bailey/source"
)

// FuzzRead replaces one file of a whole snapshot. Whatever is in it, the snapshot
// is read or refused with a place, and every place is within the file.
func FuzzRead(f *testing.F) {
	worlds, err := filepath.Glob("testdata/worlds/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range worlds {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasSuffix(file.Name, ".json") {
				f.Add(file.Name, file.Data)
			}
		}
	}
	for name, text := range empty {
		f.Add(name, []byte(text))
	}
	formats, err := filepath.Glob("../conform/testdata/formats/snapshot/*.json")
	if err != nil || len(formats) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range formats {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Base(name), data)
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		files := []File{{Name: "fuzz.json", Path: name, Data: data}}
		for base, text := range empty {
			if base != filepath.Base(name) {
				files = append(files, File{Name: base, Path: base, Data: []byte(text)})
			}
		}
		s, diags := Read("snap", files)
		for _, e := range s.Environments() {
			spec, found := s.Spec(e, cloud.Spec{})
			if diags = append(diags, found...); !diags.HasErrors() {
				_, found = cloud.New(spec)
				diags = append(diags, found...)
			}
		}
		lines := bytes.Count(data, []byte("\n")) + 1
		for _, d := range diags {
			if d.At.File == "fuzz.json" && (d.At.Line > lines || d.Severity == source.Error && d.At.Line == 0 && len(bytes.TrimSpace(data)) > 0 && !strings.HasPrefix(d.Code, "DOC_")) {
				t.Errorf("%s has no place in the file: %+v", d, d.At)
			}
		}
	})
}

// A file in UTF-16, or with a byte order mark, as Windows' shells write it, is
// read as any other, and so is the list alone in a file that is named after it.
func TestEncodings(t *testing.T) {
	text := empty["Subnets.json"]
	little, big := []byte{0xFF, 0xFE}, []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(text)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	_, bare, _ := strings.Cut(text, ":")
	for name, data := range map[string][]byte{"plain": []byte(text), "mark": []byte("\uFEFF" + text), "UTF-16LE": little, "UTF-16BE": big, "list": []byte(strings.TrimSuffix(bare, "}"))} {
		files, _ := filesOf(&txtar.Archive{})
		i := slices.IndexFunc(files, func(f File) bool { return f.Path == "Subnets.json" })
		files[i].Data = data
		check(t, files, map[string]string{"why": "fn 10.0.1.77:80 blocked UNKNOWN_DESTINATION"})
		if name != "list" && !IsOne(data) {
			t.Errorf("%s: not known by its beginning", name)
		}
	}
}

// What is no snapshot is not taken for one.
func TestOtherDocumentsAreNone(t *testing.T) {
	for _, text := range []string{`{"name": "app"}`, `{"AWSTemplateFormatVersion": "2010-09-09"}`, `{"Parameters": {}, "Resources": {}}`, `{"Rules": {}}`, `[1]`, ``, `{`, `{"version": "36.0.0"}`, "Vpcs:\n"} {
		if IsOne([]byte(text)) {
			t.Errorf("%q was taken for what the AWS CLI prints", text)
		}
	}
	for name, want := range map[string]bool{"Vpcs.json": true, "a/aws_configs/1/Subnets.json": true, "Entries.pl-1.json": true, "package.json": false, "instances.json": false, "Vpcs.yaml": false} {
		if Is([]string{name}) != want {
			t.Errorf("%s: want %v", name, want)
		}
	}
}
