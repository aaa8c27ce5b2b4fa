package cfn

import (
	"slices"
	"strings"

	"bailey/source"
)

// cycle reports each circle of dependencies between resources, once, and
// whether there is one. Nothing is evaluated before: that values do not depend
// on themselves is what makes evaluation end.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
func (l *loader) cycle() bool {
	state := map[string]evalState{}
	found := false
	var path []string
	var visit func(r *resource)
	visit = func(r *resource) {
		state[r.Name] = underWay
		path = append(path, r.Name)
		for _, name := range l.dependencies(r) {
			next, ok := l.byName[name]
			switch {
			case !ok || !l.exists(next):
			case state[name] == underWay:
				found = true
				l.reportCycle(path[slices.Index(path, name):])
			case state[name] == untouched:
				visit(next)
			}
		}
		path = path[:len(path)-1]
		state[r.Name] = done
	}
	for _, r := range l.resources {
		if state[r.Name] == untouched && l.exists(r) {
			visit(r)
		}
	}
	return found
}

// reportCycle names the circle, starting at its first member in the template.
func (l *loader) reportCycle(members []string) {
	first := slices.MinFunc(members, func(a, b string) int { return l.byName[a].At.Compare(l.byName[b].At) })
	i := slices.Index(members, first)
	circle := slices.Concat(members[i:], members[:i], []string{first})
	hint := "remove one of the references"
	if slices.ContainsFunc(members, func(m string) bool { return l.byName[m].Type == "AWS::EC2::SecurityGroup" }) {
		hint = "move one rule into an AWS::EC2::SecurityGroupIngress or SecurityGroupEgress of its own"
	}
	l.fail("CFN_CYCLE", l.byName[first].At, hint, "these resources depend on each other in a circle: %s", strings.Join(circle, " -> "))
}

// dependencies are the names that r needs before it, in the order written.
func (l *loader) dependencies(r *resource) []string {
	var out []string
	for _, d := range r.dependsOn {
		if _, ok := l.byName[d.Text]; !ok || d.Kind != source.String {
			l.fail("CFN_UNKNOWN_REFERENCE", d.At, source.DidYouMean(d.Text, l.names(), "DependsOn takes the logical ID of a resource"),
				"%s depends on %q, which the template does not declare", r.Name, d.Text)
			continue
		}
		out = append(out, d.Text)
	}
	l.collect(r.raw, &out)
	return out
}

// collect adds the names that intrinsics in n refer to. Of an If whose
// condition is known, only the branch taken counts.
func (l *loader) collect(n source.Node, out *[]string) {
	name, arg, ok := call(n)
	switch {
	case !ok:
		for _, item := range n.Items {
			l.collect(item, out)
		}
		for _, e := range n.Entries {
			l.collect(e.Value, out)
		}
		return
	case name == "Ref" && arg.IsScalar():
		*out = append(*out, arg.Text)
	case name == "Fn::GetAtt" && arg.IsScalar():
		resource, _, _ := strings.Cut(arg.Text, ".")
		*out = append(*out, resource)
	case name == "Fn::GetAtt" && len(arg.Items) > 0 && arg.Items[0].IsScalar():
		*out = append(*out, arg.Items[0].Text)
	case name == "Fn::Sub":
		collectSub(arg, out)
	case name == "Fn::If" && len(arg.Items) == 3:
		l.collectIf(arg, out)
		return
	}
	l.collect(arg, out)
}

func (l *loader) collectIf(arg source.Node, out *[]string) {
	c, known := l.conditions[arg.Items[0].Text]
	if !known || c.value.Kind != source.Bool || c.value.Text == "true" {
		l.collect(arg.Items[1], out)
	}
	if !known || c.value.Kind != source.Bool || c.value.Text != "true" {
		l.collect(arg.Items[2], out)
	}
}

// collectSub adds the names between ${ and } that are not variables of the
// Fn::Sub itself.
func collectSub(arg source.Node, out *[]string) {
	template, vars := arg, source.Node{}
	if len(arg.Items) == 2 {
		template, vars = arg.Items[0], arg.Items[1]
	}
	for _, p := range subParts(template.Text) {
		if _, own := vars.Get(p.text); p.name && !own {
			name, _, _ := strings.Cut(p.text, ".")
			*out = append(*out, name)
		}
	}
}
