package cfn

import (
	"cmp"
	"slices"
	"strings"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

// An Input is one stack and what surrounds it.
type Input struct {
	File string // the name that positions carry
	Data []byte
	// Root is the template where it has been read already; Data is then not
	// looked at.
	Root source.Node
	// Parameters are the values given to the template's parameters, as text:
	// a list is joined with commas. Their places show up in diagnostics.
	Parameters map[string]source.Node
	// Spec says the region, account and stack, and holds the facts that the
	// template may refer to, such as the default VPC.
	Spec cloud.Spec
	// Open is Group.Open.
	Open func(name string) ([]byte, error)
}

// Load evaluates one stack with those nested in it, and adds what it declares
// to in.Spec. The Spec is of use only if no diagnostic is an error.
func Load(in Input) (cloud.Spec, source.Diags) {
	return LoadGroup(Group{Spec: in.Spec, Open: in.Open, Stacks: []Stack{{Name: cmp.Or(in.Spec.Stack, "stack"), File: in.File,
		Data: in.Data, Root: in.Root, Parameters: in.Parameters}}})
}

// A Group is the stacks of one account and region: exports of one are what
// others import.
type Group struct {
	Stacks []Stack
	// Spec says the region and account, and holds the facts that the templates
	// may refer to.
	Spec cloud.Spec
	// Open reads a file that a template names: the template of a nested stack,
	// or what AWS::Include puts in. The name is joined to the folder of the file
	// that names it. Nil: such files are not read, and what they say is unknown.
	Open func(name string) ([]byte, error)
}

// A Stack is one template and what it is deployed with.
type Stack struct {
	Name string // of the stack
	File string // the name that positions carry
	Data []byte
	Root source.Node // the template where it has been read already
	// Parameters are the values given to the template's parameters, as text:
	// a list is joined with commas. What is Unknown stays so.
	Parameters map[string]source.Node
	// Nested are the stacks nested in this one whose templates the caller has
	// found, by the logical IDs of their AWS::CloudFormation::Stack. The others
	// are opened by their TemplateURL.
	Nested map[string]Stack
	// Known says of resources, by their logical IDs, what another front end
	// knows better than the template that it has made of its input.
	Known map[string]Identity
}

// An Identity is how a resource is called where its logical ID does not say it.
type Identity struct {
	Name string // for people; empty: the logical ID
	ID   string // the physical ID; empty: made up
	// NoEgress is set of a security group that lets nothing out unless it says
	// so: Terraform takes away the rule that AWS adds.
	NoEgress bool
}

// LoadGroup evaluates stacks together, each value when it is first asked for,
// in whichever stack it stands. A resource is called by its logical ID, or by
// Stack.LogicalID where several stacks have that ID. The Spec, whose Stack is
// the first one's, is of use only if no diagnostic is an error.
func LoadGroup(g Group) (cloud.Spec, source.Diags) {
	d := newDeployment(g)
	for _, s := range g.Stacks {
		d.begin(s, nil, nil)
	}
	for i := 0; i < len(d.stacks); i++ { // nested ones are added on the way
		d.stacks[i].nest()
	}
	if d.unusable || d.cycle() {
		return d.spec, d.diags.Sorted()
	}
	d.qualify()
	d.read()
	if len(g.Stacks) > 0 {
		d.spec.Stack = g.Stacks[0].Name
	}
	return d.spec, d.diags.Sorted()
}

// read reads the rows and then evaluates what no row has asked for.
func (d *deployment) read() {
	d.doubtTargets()
	for _, w := range d.rows {
		for _, p := range d.byRow[w] {
			if w.read != nil && p.l.exists(p.r) {
				p.l.enter()
				w.read(p.l, p.r)
			}
		}
	}
	if len(d.stacks) == 0 {
		return
	}
	d.stacks[0].finishRoles()
	for _, add := range d.doubtful {
		add()
	}
	for _, l := range d.stacks {
		l.enter()
		l.evaluateAll()
	}
	d.diags = slices.DeleteFunc(d.diags, func(x source.Diag) bool { // a slip is one mistake
		return slices.ContainsFunc(d.misspelt, func(begins string) bool { return strings.HasPrefix(x.Summary, begins) })
	})
	d.exporting() // so that a name exported twice is found where nothing imports
	d.addDoubts()
	d.noteUnmodelled()
	d.noteDoubts()
	d.stacks[0].checkSubnets()
	d.checkKeys()
}

// A deployment is the state of one Load: what its stacks share.
type deployment struct {
	spec       cloud.Spec
	diags      source.Diags
	open       func(string) ([]byte, error)
	stacks     []*loader // nested ones after those that they are in
	rows       []*row
	byType     map[string]*row
	byRow      map[*row][]member
	unusable   bool // a template could not be read
	exports    map[string]*output
	facts      []cloud.Parameter // stated outside of the templates
	openExport *source.Node      // why an export's name is not known

	written int // bytes of text made by intrinsics: see text
	copied  int // values made by loops and includes: see expander

	// What resources say about others that are read in another row.
	elastic     map[string]elastic             // by allocation ID
	autoPublic  map[cloud.SubnetID]bool        // MapPublicIpOnLaunch
	openTarget  map[string]string              // IDs that stand for nothing modelled, and why
	attached    map[string][]roleAttachment    // roles waiting for a managed policy, by its ARN
	bounded     map[string][]roleAttachment    // roles bounded by one
	subnetAt    map[cloud.SubnetID]source.Span // where a subnet's CIDR is stated
	apis        apiParts
	people      people
	ranks       map[string]map[*resource]int // see rank
	doubts      []doubt
	openVPCs    map[cloud.Gap]cloud.VPCID
	openAddress map[string]cloud.Gap // instances, "" for any, whose Elastic IP is open
	doubtful    []func()             // open routes, to be added once there are tables
	said        map[source.Span]bool // open references that are reported
	misspelt    []string             // how what is said of a missing property begins that is there with a slip
	index       index

	subnetGroups map[string]cloud.Value[[]cloud.SubnetID] // by service/name
	storeKinds   map[string]storeKind
	// endpointServices are the load balancers behind the customer's own
	// endpoint services, by service name.
	endpointServices map[string][]string
}

// A member is a resource with its stack.
type member struct {
	l *loader
	r *resource
}

func newDeployment(g Group) *deployment {
	d := &deployment{spec: g.Spec.Clone(), facts: g.Spec.Parameters, open: g.Open, rows: table(), byType: map[string]*row{}, byRow: map[*row][]member{},
		elastic: map[string]elastic{}, autoPublic: map[cloud.SubnetID]bool{}, openTarget: map[string]string{},
		attached: map[string][]roleAttachment{}, bounded: map[string][]roleAttachment{},
		subnetAt: map[cloud.SubnetID]source.Span{}, apis: newAPIParts(), people: newPeople(), ranks: map[string]map[*resource]int{}, openVPCs: map[cloud.Gap]cloud.VPCID{}, said: map[source.Span]bool{}, openAddress: map[string]cloud.Gap{},
		subnetGroups: map[string]cloud.Value[[]cloud.SubnetID]{}, storeKinds: storeKinds(), endpointServices: map[string][]string{}}
	d.spec.Region = cmp.Or(d.spec.Region, "us-east-1")
	d.spec.Account = cmp.Or(d.spec.Account, "123456789012")
	for _, r := range d.rows {
		d.byType[r.Type] = r
	}
	for _, v := range d.spec.VPCs {
		for _, s := range d.spec.Subnets {
			if v.Default && s.VPC == v.ID {
				d.autoPublic[s.ID] = true
			}
		}
	}
	return d
}

// A loader is one stack while it is evaluated. What stacks share is promoted
// from the deployment.
type loader struct {
	*deployment
	in       Stack
	stack    string // its name
	file     string
	parent   *loader   // of a nested stack
	inParent *resource // the resource that it is there
	doc      source.Node
	language bool // AWS::LanguageExtensions is on

	params     map[string]*parameter
	mappings   source.Node
	conditions map[string]*condition
	outputs    map[string]*output
	results    []*output // in the order written
	resources  []*resource
	byName     map[string]*resource  // by logical ID
	children   map[*resource]*loader // nil: a nested stack whose template is not here
	openNames  *source.Node          // why the template may declare names that are not known
	within     section               // whose rules apply to what is being evaluated
}

// enter makes l the stack that Spec.Stack names.
func (l *loader) enter() { l.spec.Stack = l.stack }

// from makes l the stack that Spec.Stack names until the function that it
// gives is called.
func (l *loader) from() (back func()) {
	was := l.spec.Stack
	l.enter()
	return func() { l.spec.Stack = was }
}

// begin reads a template and takes it apart. It adds the stack, unless there
// are too many.
func (d *deployment) begin(s Stack, parent *loader, in *resource) *loader {
	l := &loader{deployment: d, in: s, stack: s.Name, file: s.File, parent: parent, inParent: in,
		params: map[string]*parameter{}, conditions: map[string]*condition{}, outputs: map[string]*output{},
		byName: map[string]*resource{}, children: map[*resource]*loader{}}
	d.stacks = append(d.stacks, l)
	defer l.from()()
	doc := s.Root
	if doc.Kind == source.Null && doc.At.IsZero() { // not read yet
		var diags source.Diags
		doc, diags = document.Read(s.File, s.Data)
		if d.diags = append(d.diags, diags...); diags.HasErrors() {
			d.unusable = true
			return l
		}
	}
	l.sections(doc)
	return l
}

// evaluateAll evaluates every resource's properties and every output, so that
// mistakes are found also where no row reads them. It comes after the rows,
// which evaluate what they read: an instance's address needs its subnet.
func (l *loader) evaluateAll() {
	for _, r := range l.resources {
		if l.exists(r) {
			l.props(r)
			l.checkProperties(r)
		}
	}
	for _, o := range l.results {
		if l.outputExists(o) {
			l.outputValue(o)
		}
	}
}
