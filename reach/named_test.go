package reach

import (
	"slices"
	"testing"

	"bailey/cloud"
)

// A variable that holds a database's name means the database, on the port
// that stands beside the name or on its own; a mount and a proxy mean what
// they lead to.
func TestNeedsByName(t *testing.T) {
	f := aFunction("F", "subnet-a", "sg-f")
	f.Env = []cloud.EnvVar{{Name: "DSN", Value: cloud.Known("postgres://app@DB.c0ffee.us-west-2.rds.amazonaws.com:5433/app")},
		{Name: "READER", Value: cloud.Known("db-ro.c0ffee.us-west-2.rds.amazonaws.com")},
		{Name: "OTHER", Value: cloud.Known("otherdb.c0ffee.us-west-2.rds.amazonaws.com")},
		{Name: "CACHE", Value: cloud.Known("cache.usw2.cache.amazonaws.com:6379")}}
	f.FileSystems = []cloud.FileSystemMount{{AccessPoint: cloud.Known("arn:fsap-1"), Path: "/mnt/files"}}
	store := func(name, id string, hosts ...string) cloud.Store {
		return cloud.Store{Meta: meta(name), ID: id, Ports: cloud.Known([]uint16{5432}), Hosts: hosts}
	}
	files := store("Files", "fs-1", "fs-1.efs.us-west-2.amazonaws.com")
	files.AccessPoints = []string{"arn:fsap-1"}
	proxy := store("Proxy", "pool", "pool.proxy-c0ffee.us-west-2.rds.amazonaws.com")
	proxy.Targets = []string{"db"}
	m, diags := cloud.New(cloud.Spec{Region: "us-west-2", Functions: []cloud.Function{f},
		Stores: []cloud.Store{store("DB", "db", "db.c0ffee.us-west-2.rds.amazonaws.com", "db-ro.c0ffee.us-west-2.rds.amazonaws.com"),
			store("Cache", "cache", "cache.usw2.cache.amazonaws.com"), files, proxy}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var got []string
	for _, n := range Needs(m) {
		got = append(got, n.From+" -> "+n.To)
	}
	want := []string{"F -> DB:5433", "F -> DB", "F -> Cache:6379", "F -> Files", "Proxy -> DB"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
