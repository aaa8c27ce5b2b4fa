package cfn

import (
	"slices"
	"strings"

	"bailey/source"
)

// A step of a chain of dependencies is a resource, or a stack as a whole:
// what it exports is there once all of it is.
type step struct {
	l *loader
	r *resource // nil: the stack
}

// cycle reports each circle of dependencies, once, and whether there is one.
// That values do not depend on themselves is what makes evaluation end; what is
// evaluated before guards itself.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
func (d *deployment) cycle() bool {
	state := map[step]evalState{}
	found := false
	var path []step
	var visit func(s step)
	visit = func(s step) {
		state[s] = underWay
		path = append(path, s)
		for _, next := range s.needs() {
			switch state[next] {
			case underWay:
				found = true
				d.reportCycle(path[slices.Index(path, next):])
			case untouched:
				visit(next)
			}
		}
		path = path[:len(path)-1]
		state[s] = done
	}
	for _, l := range d.stacks {
		for _, r := range l.resources {
			if s := (step{l, r}); state[s] == untouched && l.exists(r) {
				visit(s)
			}
		}
	}
	return found
}

// needs gives what a step waits for: a stack for its resources, a nested
// stack's resource for the stack, any other for what it refers to.
func (s step) needs() []step {
	var out []step
	if s.r == nil {
		for _, r := range s.l.resources {
			if s.l.exists(r) {
				out = append(out, step{s.l, r})
			}
		}
		return out
	}
	out = s.l.dependencies(s.r)
	if c := s.l.children[s.r]; c != nil {
		out = append(out, step{c, nil})
	}
	return out
}

// reportCycle names the circle, starting at its first member in the template.
// Where it leads through several stacks it says where each member stands.
func (d *deployment) reportCycle(members []step) {
	members = slices.DeleteFunc(slices.Clone(members), func(s step) bool { return s.r == nil })
	if len(members) == 0 {
		return
	}
	first := slices.MinFunc(members, func(a, b step) int { return a.r.At.Compare(b.r.At) })
	i := slices.Index(members, first)
	circle := slices.Concat(members[i:], members[:i], []step{first})
	across := slices.ContainsFunc(members, func(s step) bool { return s.l != first.l })
	var names []string
	for _, s := range circle {
		name := s.r.logical
		if across {
			name = s.l.stack + "." + name + " (" + s.r.At.String() + ")"
		}
		names = append(names, name)
	}
	hint := "remove one of the references"
	if !across && slices.ContainsFunc(members, func(s step) bool { return s.r.Type == "AWS::EC2::SecurityGroup" }) {
		hint = "move one rule into an AWS::EC2::SecurityGroupIngress or SecurityGroupEgress of its own"
	}
	if across {
		hint = "pass one of the values in another way: a stack's exports and outputs are there once the stack is complete"
	}
	d.fail("CFN_CYCLE", first.r.At, hint, "these resources depend on each other in a circle: %s", strings.Join(names, " -> "))
}

// dependencies are what r needs before it, in the order written.
func (l *loader) dependencies(r *resource) []step {
	c := collector{l: l}
	for _, d := range r.dependsOn {
		if _, ok := l.byName[d.Text]; !ok || d.Kind != source.String {
			if l.openNames == nil {
				l.fail("CFN_UNKNOWN_REFERENCE", d.At, source.DidYouMean(d.Text, l.names(), "DependsOn takes the logical ID of a resource"),
					"%s depends on %q, which the template does not declare", r.logical, d.Text)
			}
			continue
		}
		c.name(d.Text)
	}
	c.collect(r.raw)
	return c.steps
}

// A collector gathers what the intrinsics of one resource refer to.
type collector struct {
	l     *loader
	steps []step
}

// name adds a resource of the template, if it is one that exists.
func (c *collector) name(name string) {
	if r, ok := c.l.byName[name]; ok && c.l.exists(r) {
		c.steps = append(c.steps, step{c.l, r})
	}
}

// collect adds what intrinsics in n refer to. Of an If whose condition is
// known, only the branch taken counts.
func (c *collector) collect(n source.Node) {
	name, arg, ok := call(n)
	switch {
	case !ok:
		for _, item := range n.Items {
			c.collect(item)
		}
		for _, e := range n.Entries {
			c.collect(e.Value)
		}
		return
	case name == "Ref" && arg.IsScalar():
		c.name(arg.Text)
	case name == "Fn::GetAtt" && arg.IsScalar():
		resource, _, _ := strings.Cut(arg.Text, ".")
		c.name(resource)
	case name == "Fn::GetAtt" && len(arg.Items) > 0 && arg.Items[0].IsScalar():
		c.name(arg.Items[0].Text)
	case name == "Fn::Sub":
		c.sub(arg)
	case name == "Fn::ImportValue":
		if name := c.l.eval(arg); name.IsScalar() {
			if o := c.l.exporting()[name.Text]; o != nil {
				c.steps = append(c.steps, step{o.l, nil})
			}
		}
	case name == "Fn::GetStackOutput":
		c.stackOutput(arg, n.At)
	case name == "Fn::If" && len(arg.Items) == 3:
		c.branch(arg)
		return
	}
	c.collect(arg)
}

func (c *collector) stackOutput(arg source.Node, at source.Span) {
	q, _, ok := c.l.stackOutput(arg, at)
	for _, s := range c.l.stacks {
		if ok && s.stack == q.stack && (q.region == "" || q.region == c.l.spec.Region) {
			c.steps = append(c.steps, step{s, nil})
		}
	}
}

func (c *collector) branch(arg source.Node) {
	cond, known := c.l.conditions[arg.Items[0].Text]
	if !known || cond.value.Kind != source.Bool || cond.value.Text == "true" {
		c.collect(arg.Items[1])
	}
	if !known || cond.value.Kind != source.Bool || cond.value.Text != "true" {
		c.collect(arg.Items[2])
	}
}

// sub adds the names between ${ and } that are not variables of the Fn::Sub
// itself.
func (c *collector) sub(arg source.Node) {
	template, vars := arg, source.Node{}
	if len(arg.Items) == 2 {
		template, vars = arg.Items[0], arg.Items[1]
	}
	for _, p := range subParts(template.Text) {
		if _, own := vars.Get(p.text); p.name && !own {
			name, _, _ := strings.Cut(p.text, ".")
			c.name(name)
		}
	}
}
