package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// install puts programs that only know their version into a folder.
func install(t *testing.T, dir, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgres", "initdb"} {
		text := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s'\n", version)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	debian := filepath.Join(root, "lib", "*", "bin")
	inPath := install(t, filepath.Join(root, "path"), "16.4 (Homebrew)")
	for _, v := range []string{"9.6.24", "15.18", "17.2"} {
		install(t, filepath.Join(root, "lib", v, "bin"), v)
	}
	install(t, filepath.Join(root, "lib", "beta", "bin"), "18beta1")
	install(t, filepath.Join(root, "lib", "odd", "bin"), "devel")
	os.Remove(filepath.Join(install(t, filepath.Join(root, "lib", "client", "bin"), "19.1"), "initdb"))
	linked := filepath.Join(root, "linked")
	if err := errors.Join(os.Mkdir(linked, 0o755), os.Symlink(filepath.Join(inPath, "postgres"), filepath.Join(linked, "postgres"))); err != nil {
		t.Fatal(err)
	}
	all, err := find(t.Context(), []string{linked, inPath, "/nowhere"}, []string{debian})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, in := range all {
		got = append(got, fmt.Sprint(in.Version, "/", in.Major))
	}
	if want := "18beta1/18 17.2/17 16.4/16 15.18/15"; strings.Join(got, " ") != want {
		t.Errorf("found %s, want %s: each once, none too old to run, none without initdb", strings.Join(got, " "), want)
	}
	if _, err := find(t.Context(), []string{root}, nil); !errors.Is(err, ErrNotInstalled) || !strings.Contains(err.Error(), "apt install postgresql") {
		t.Errorf("with none there: %v", err)
	}
}

func TestChoose(t *testing.T) {
	all := []Installation{{Major: 17, Version: "17.2"}, {Major: 15, Version: "15.18"}}
	tests := []struct {
		name  string
		all   []Installation
		major int
		want  string
	}{
		{"a new folder: the newest", all, 0, "17.2"},
		{"a folder's own version", all, 15, "15.18"},
		{"a version that is not here", all, 16, "the data folder x/data is of PostgreSQL 16, and this machine has 17.2, 15.18: apt install postgresql-16, or move the folder away to start with an empty database"},
		{"none", nil, 16, ErrNotInstalled.Error()},
	}
	for _, test := range tests {
		in, err := choose(test.all, "x/data", test.major)
		if got := in.Version + fmt.Sprint(err); got != test.want+"<nil>" && got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestMasterThatPostgreSQLWouldMisread(t *testing.T) {
	long := strings.Repeat("x", 64)
	tests := []struct {
		master Master
		want   string
	}{
		{Master{User: "a", Password: "p", Database: "d"}, "<nil>"},
		{Master{Password: "p", Database: "d"}, "the master user has no name"},
		{Master{User: "a", Password: "p"}, "the master database has no name"},
		{Master{User: "a", Database: "d"}, "the master user a has no password"},
		{Master{User: long, Password: "p", Database: "d"}, "the user name \"" + long + "\" is longer than PostgreSQL's 63 bytes"},
		{Master{User: "a", Password: "p\nDROP", Database: "d"}, "the password of the master user a holds a line break"},
		{Master{User: "a\nb", Password: "p", Database: "d"}, "the user name \"a\\nb\" holds a line break"},
		{Master{User: "pg_a", Password: "p", Database: "d"}, "the user name pg_a is reserved"},
		{Master{User: "rdsadmin", Password: "p", Database: "d", Managed: true}, "the user name rdsadmin is reserved"},
	}
	for _, test := range tests {
		if got := fmt.Sprint(test.master.check()); got != test.want {
			t.Errorf("%+v: %s, want %s", test.master, got, test.want)
		}
	}
}

func TestNoteTellsMastersApart(t *testing.T) {
	f := folder{path: t.TempDir()}
	m := Master{User: "a", Password: "secret", Database: "d"}
	if ok, err := f.prepared(m); ok || err != nil {
		t.Errorf("a folder without a note: %v, %v", ok, err)
	}
	if err := f.note(m); err != nil {
		t.Fatal(err)
	}
	other := m
	other.Password = "Secret"
	for who, want := range map[Master]bool{m: true, other: false} {
		if ok, err := f.prepared(who); ok != want || err != nil {
			t.Errorf("%+v: %v, %v", who, ok, err)
		}
	}
	text, err := os.ReadFile(f.master())
	if err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("the note holds %s, %v", text, err)
	}
	if err := os.WriteFile(f.master(), []byte("!"), 0o600); err != nil {
		t.Fatal(err)
	}
	if ok, err := f.prepared(m); ok || err != nil {
		t.Errorf("a damaged note: %v, %v", ok, err)
	}
}
