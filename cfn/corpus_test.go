package cfn_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

var update = flag.Bool("update", false, "write what the templates evaluate to into testdata")

// load evaluates a template on its own: no facts, in us-west-2.
func load(template string) (cloud.Spec, source.Diags) {
	return cfn.Load(cfn.Input{File: "template.yaml", Data: []byte(template),
		Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "app"}})
}

// world is one file of testdata, with its template.
type world struct {
	file     string
	archive  *txtar.Archive
	template string
}

func corpus(t *testing.T) []world {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 5 {
		t.Fatalf("found %d worlds: %v", len(files), err)
	}
	var out []world
	for _, f := range files {
		a, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, world{f, a, string(a.Files[0].Data)})
	}
	return out
}

// corpusSeeds are the templates of testdata, for fuzzing.
func corpusSeeds() []string {
	var out []string
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, f := range files {
		if a, err := txtar.ParseFile(f); err == nil {
			out = append(out, string(a.Files[0].Data))
		}
	}
	return out
}

func TestCorpus(t *testing.T) {
	for _, w := range corpus(t) {
		spec, diags := load(w.template)
		var got strings.Builder
		for _, d := range diags {
			fmt.Fprintln(&got, d)
		}
		if !diags.HasErrors() {
			describe(&got, spec)
		}
		want := &w.archive.Files[1]
		if *update {
			want.Data = []byte(got.String())
			if err := os.WriteFile(w.file, txtar.Format(w.archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got.String() != string(want.Data) {
			t.Errorf("%s: got\n%s\nwant\n%s", w.file, got.String(), want.Data)
		}
	}
}

// describe writes what a Spec holds, one thing a line, as people read it.
func describe(b *strings.Builder, s cloud.Spec) {
	line := func(m cloud.Meta, format string, args ...any) {
		fmt.Fprintf(b, "%s %s: %s\n", strings.TrimPrefix(m.Type, "AWS::"), m.Name, fmt.Sprintf(format, args...))
	}
	for _, v := range s.VPCs {
		line(v.Meta, "%s %s dns %s hostnames %s", v.ID, show(v.CIDRs), show(v.DNSSupport), show(v.DNSHostnames))
	}
	for _, v := range s.Subnets {
		line(v.Meta, "%s in %s %s az %s table %s acl %s", v.ID, v.VPC, show(v.CIDR), show(v.AZ), v.RouteTable, v.ACL)
	}
	for _, v := range s.InternetGateways {
		line(v.Meta, "%s of %s", v.ID, v.VPC)
	}
	for _, v := range s.NATGateways {
		line(v.Meta, "%s in %s public %v %s", v.ID, v.Subnet, v.Public, v.PublicIP)
	}
	for _, v := range s.RouteTables {
		line(v.Meta, "%s of %s", v.ID, v.VPC)
		for _, r := range v.Routes {
			line(r.Meta, "%T%v -> %T%v", r.Dest, r.Dest, r.Target, r.Target)
		}
	}
	for _, v := range s.Peerings {
		line(v.Meta, "%s %s-%s active %v", v.ID, v.A, v.B, v.Active)
	}
	for _, v := range s.PrefixLists {
		line(v.Meta, "%s %v", v.ID, v.Prefixes)
	}
	describeTransit(line, s)
	describeRules(line, s)
	for _, v := range s.Endpoints {
		line(v.Meta, "%s of %s %s %s subnets %s groups %s private DNS %s tables %v policy %v", v.ID, v.VPC, v.Kind, v.Service,
			show(v.Subnets), show(v.Groups), show(v.PrivateDNS), v.RouteTables, v.Policy != nil)
	}
	describeCompute(b, line, s)
}

func describeTransit(line func(cloud.Meta, string, ...any), s cloud.Spec) {
	for _, g := range s.TransitGateways {
		line(g.Meta, "%s associates %v propagates %v references %v", g.ID, g.Associate, g.Propagate, g.GroupReferences)
	}
	for _, a := range s.TransitGatewayAttachments {
		line(a.Meta, "%s to %s kind %d of %s %s appliance %v references %v table %s", a.ID, a.Gateway, a.Kind, a.VPC, show(a.Subnets), a.ApplianceMode, a.GroupReferences, a.Table)
	}
	for _, t := range s.TransitGatewayRouteTables {
		line(t.Meta, "%s of %s propagated %v", t.ID, t.Gateway, t.Propagations)
		for _, r := range t.Routes {
			line(r.Meta, "%s -> %s blackhole %v", show(r.Dest), r.Attachment, r.Blackhole)
		}
	}
	for _, n := range s.NetworkInterfaces {
		line(n.Meta, "%s in %s with %s private %s public %s check %v of %s", n.ID, show(n.Subnet), show(n.Groups), n.PrivateIP, n.PublicIP, n.SourceDestCheck, n.Instance)
	}
	for _, g := range s.InternetGateways {
		if g.Edge != "" {
			line(g.Meta, "edge: %v", g.Edge)
		}
	}
	if mode, _ := s.PublicAccess.Mode.Get(); mode != "" {
		line(s.PublicAccess.Meta, "%s", mode)
	}
	for _, e := range s.PublicAccessExclusions {
		line(e.Meta, "%s%s %s", e.VPC, e.Subnet, e.Mode)
	}
	for _, g := range s.VPNGateways {
		line(g.Meta, "%s of %s propagates to %v", g.ID, g.VPC, g.Propagates)
	}
	for _, c := range s.VPNConnections {
		line(c.Meta, "%s of %s%s static only %v %v", c.ID, c.Gateway, c.Transit, c.StaticOnly, c.Routes)
	}
}

func describeRules(line func(cloud.Meta, string, ...any), s cloud.Spec) {
	for _, g := range s.SecurityGroups {
		line(g.Meta, "%s of %s", g.ID, g.VPC)
		for _, r := range g.Ingress {
			line(r.Meta, "in %s %s from %T%v", r.Proto, r.Ports, r.Peer, r.Peer)
		}
		for _, r := range g.Egress {
			line(r.Meta, "out %s %s to %T%v", r.Proto, r.Ports, r.Peer, r.Peer)
		}
	}
	for _, a := range s.NetworkACLs {
		line(a.Meta, "%s of %s", a.ID, a.VPC)
		for i, list := range [][]cloud.ACLEntry{a.Ingress, a.Egress} {
			for _, e := range list {
				line(e.Meta, "%s %d allow %v %s %s %s", [...]string{"in", "out"}[i], e.Number, e.Allow, e.Proto, e.Ports, show(e.CIDR))
			}
		}
	}
}

func describeCompute(b *strings.Builder, line func(cloud.Meta, string, ...any), s cloud.Spec) {
	for _, f := range s.Functions {
		line(f.Meta, "%s role %s %s %s %s %v %d MB %d MB logs %s", f.ARN, show(f.Role), f.Runtime, f.Handler, f.Arch, f.Timeout, f.MemoryMB, f.EphemeralMB, f.LogGroup)
		fmt.Fprintf(b, "  code dir %q s3 %q %q image %q inline %q\n", f.Code.Dir, f.Code.S3Bucket, f.Code.S3Key, f.Code.Image, f.Code.Inline)
		if f.Reserved != nil {
			fmt.Fprintf(b, "  reserved %d\n", *f.Reserved)
		}
		if f.Network != nil {
			fmt.Fprintf(b, "  in %s with %s\n", show(f.Network.Subnets), show(f.Network.Groups))
		}
		for _, e := range f.Env {
			fmt.Fprintf(b, "  %s=%s\n", e.Name, show(e.Value))
		}
	}
	for _, r := range s.Roles {
		line(r.Meta, "%s managed %v open %v boundary %v", r.ARN, r.Managed, r.Open, r.Boundary != nil)
		for _, p := range r.Policies {
			fmt.Fprintf(b, "  policy %s\n", p.Name)
		}
	}
	for _, p := range s.Parameters {
		line(p.Meta, "%s %s %s", p.ParamName, p.Kind, show(p.Value))
	}
	for _, in := range s.Instances {
		line(in.Meta, "%s in %s with %s private %s public %s", in.ID, show(in.Subnet), show(in.Groups), in.PrivateIP, in.PublicIP)
	}
	for _, in := range s.LightsailInstances {
		line(in.Meta, "%s private %s public %s firewall %v", in.InstanceName, in.PrivateIP, in.PublicIP, in.Firewall)
	}
	describeIPv6(b, s)
	describeServices(b, s)
	describeInvocation(b, line, s)
	describeNames(b, s)
	for _, m := range s.Unmodelled {
		line(m, "not modelled")
	}
}

// show gives a value, or what is missing.
func show[T any](v cloud.Value[T]) string {
	if g, missing := v.Gap(); missing {
		return "?" + g.String()
	}
	got, _ := v.Get()
	return fmt.Sprint(got)
}

// TestJSONMeansTheSame writes every template of the corpus as JSON in long
// form: nothing but the places may differ.
func TestJSONMeansTheSame(t *testing.T) {
	for _, w := range corpus(t) {
		node, diags := document.Read("template.yaml", []byte(w.template))
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(longForm(node), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		fromYAML, yamlDiags := load(w.template)
		fromJSON, jsonDiags := load(string(text))
		codes := func(ds source.Diags) (out []string) {
			for _, d := range ds {
				out = append(out, d.Code+d.Summary)
			}
			slices.Sort(out)
			return out
		}
		if !slices.Equal(codes(yamlDiags), codes(jsonDiags)) {
			t.Errorf("%s: as YAML\n%v\nas JSON\n%v", w.file, yamlDiags.Error(), jsonDiags.Error())
		}
		if a, b := plain(fromYAML), plain(fromJSON); a != b && !yamlDiags.HasErrors() {
			t.Errorf("%s: as YAML\n%s\nas JSON\n%s", w.file, a, b)
		}
	}
}

// pair is a map's entry, in the order written.
type pairs []source.Entry

func (p pairs) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, e := range p {
		key, err := json.Marshal(e.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(longForm(e.Value))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%c%s:%s", "{,"[min(i, 1)], key, value)
	}
	if len(p) == 0 {
		return []byte("{}"), nil
	}
	return append(b.Bytes(), '}'), nil
}

// longForm gives a node as encoding/json takes it, short-form functions in
// their long form.
func longForm(n source.Node) any {
	if tag, ok := strings.CutPrefix(n.Tag, "!"); ok {
		n.Tag = ""
		if tag != "Ref" && tag != "Condition" {
			tag = "Fn::" + tag
		}
		if tag == "Fn::GetAtt" && n.Kind == source.String {
			name, attribute, _ := strings.Cut(n.Text, ".")
			return pairs{{Key: tag, Value: source.Node{Kind: source.List, Items: []source.Node{{Kind: source.String, Text: name}, {Kind: source.String, Text: attribute}}}}}
		}
		return pairs{{Key: tag, Value: n}}
	}
	switch n.Kind {
	case source.Map:
		return pairs(n.Entries)
	case source.List:
		out := []any{}
		for _, item := range n.Items {
			out = append(out, longForm(item))
		}
		return out
	case source.Bool:
		return n.Text == "true"
	case source.Number:
		return json.Number(n.Text)
	case source.Null:
		return nil
	}
	return n.Text
}

// TestCorpusIsRealCloudFormation asks cfn-lint, where it is installed, whether
// AWS would take what this package takes, and the example as it stands without
// any warning. No package of Debian's or npm's has cfn-lint, so no machine can
// be asked to have it.
func TestCorpusIsRealCloudFormation(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Log("cfn-lint is not installed: the corpus is not held against it")
		return
	}
	dir := t.TempDir()
	args := []string{"--region", "us-west-2", "--ignore-checks", "W", "--"}
	for _, w := range corpus(t) {
		if _, diags := load(w.template); diags.HasErrors() {
			continue
		}
		file := filepath.Join(dir, filepath.Base(w.file)+".yaml")
		if err := os.WriteFile(file, []byte(w.template), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	if out, err := exec.Command(lint, args...).CombinedOutput(); err != nil {
		t.Errorf("cfn-lint refuses what Load accepts: %v\n%s", err, out)
	}
	example := "../examples/rootski/"
	if out, err := exec.Command(lint, "--region", "us-west-2", "--", example+"template.yaml", example+"states/before.yaml", example+"states/proof-of-concept.yaml", example+"states/end.yaml").CombinedOutput(); err != nil {
		t.Errorf("cfn-lint on the example: %v\n%s", err, out)
	}
}
