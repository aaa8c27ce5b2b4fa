package cfn

import (
	"cmp"
	"slices"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

// An Input is one template and what it is deployed with.
type Input struct {
	File string // the name that positions carry
	Data []byte
	// Root is the template as it has been read already, by a transform such as
	// SAM's; Data is then not looked at.
	Root source.Node
	// Parameters are the values given to the template's parameters, as text:
	// a list is joined with commas. Their places show up in diagnostics.
	Parameters map[string]source.Node
	// Spec says the region, account and stack, and holds the facts that the
	// template may refer to, such as the default VPC.
	Spec cloud.Spec
}

// Load evaluates a template and adds what it declares to in.Spec. The Spec is
// of use only if no diagnostic is an error.
func Load(in Input) (cloud.Spec, source.Diags) {
	doc, diags := in.read()
	if diags.HasErrors() {
		return in.Spec, diags
	}
	l := newLoader(in, diags)
	l.sections(doc)
	if len(l.resources) == 0 || l.cycle() {
		return l.spec, l.diags.Sorted()
	}
	for _, r := range l.rows {
		l.readRow(r)
	}
	l.finishRoles()
	l.evaluateAll(doc)
	l.noteUnmodelled()
	l.checkSubnets()
	return l.spec, l.diags.Sorted()
}

func (in Input) read() (source.Node, source.Diags) {
	if in.Root.Kind == source.Map {
		return in.Root, nil
	}
	return document.Read(in.File, in.Data)
}

// A loader is the state of one Load.
type loader struct {
	file  string
	spec  cloud.Spec
	diags source.Diags

	given      map[string]source.Node // parameter values from outside
	params     map[string]source.Node // evaluated; Text and lists are final
	mappings   source.Node
	conditions map[string]*condition
	resources  []*resource
	byName     map[string]*resource
	rows       []*row
	byType     map[string]*row

	written int // bytes of text made by intrinsics: see spend

	// What resources say about others that are read in another row.
	elastic    map[string]elastic             // by allocation ID
	autoPublic map[cloud.SubnetID]bool        // MapPublicIpOnLaunch
	openTarget map[string]string              // IDs that stand for nothing modelled, and why
	attached   map[string][]roleAttachment    // roles waiting for a managed policy, by its ARN
	bounded    map[string][]roleAttachment    // roles bounded by one
	subnetAt   map[cloud.SubnetID]source.Span // where a subnet's CIDR is stated
	apis       apiParts
	people     people
}

func newLoader(in Input, diags source.Diags) *loader {
	l := &loader{
		file: in.File, spec: own(in.Spec), diags: diags, given: in.Parameters,
		params: map[string]source.Node{}, conditions: map[string]*condition{},
		byName: map[string]*resource{}, rows: table(), byType: map[string]*row{},
		elastic: map[string]elastic{}, autoPublic: map[cloud.SubnetID]bool{}, openTarget: map[string]string{},
		attached: map[string][]roleAttachment{}, bounded: map[string][]roleAttachment{},
		subnetAt: map[cloud.SubnetID]source.Span{}, apis: newAPIParts(), people: newPeople(),
	}
	l.spec.Region = cmp.Or(in.Spec.Region, "us-east-1")
	l.spec.Account = cmp.Or(in.Spec.Account, "123456789012")
	l.spec.Stack = cmp.Or(in.Spec.Stack, "stack")
	for _, r := range l.rows {
		l.byType[r.Type] = r
	}
	for _, v := range in.Spec.VPCs {
		for _, s := range in.Spec.Subnets {
			if v.Default && s.VPC == v.ID {
				l.autoPublic[s.ID] = true
			}
		}
	}
	return l
}

// own gives a copy of s whose lists may be written to: the facts may be used
// for another template too.
func own(s cloud.Spec) cloud.Spec {
	s.VPCs, s.Subnets = slices.Clone(s.VPCs), slices.Clone(s.Subnets)
	s.RouteTables, s.InternetGateways = slices.Clone(s.RouteTables), slices.Clone(s.InternetGateways)
	s.NATGateways, s.Peerings, s.PrefixLists = slices.Clone(s.NATGateways), slices.Clone(s.Peerings), slices.Clone(s.PrefixLists)
	s.SecurityGroups, s.NetworkACLs, s.Endpoints = slices.Clone(s.SecurityGroups), slices.Clone(s.NetworkACLs), slices.Clone(s.Endpoints)
	s.TransitGateways, s.VPNGateways, s.VPNConnections = slices.Clone(s.TransitGateways), slices.Clone(s.VPNGateways), slices.Clone(s.VPNConnections)
	s.TransitGatewayAttachments, s.TransitGatewayRouteTables = slices.Clone(s.TransitGatewayAttachments), slices.Clone(s.TransitGatewayRouteTables)
	s.PublicAccessExclusions = slices.Clone(s.PublicAccessExclusions)
	s.NetworkInterfaces, s.OnPremises = slices.Clone(s.NetworkInterfaces), slices.Clone(s.OnPremises)
	s.Functions, s.Roles, s.Parameters = slices.Clone(s.Functions), slices.Clone(s.Roles), slices.Clone(s.Parameters)
	s.Instances, s.LightsailInstances = slices.Clone(s.Instances), slices.Clone(s.LightsailInstances)
	s.Permissions, s.FunctionURLs, s.EventSourceMappings = slices.Clone(s.Permissions), slices.Clone(s.FunctionURLs), slices.Clone(s.EventSourceMappings)
	s.Versions, s.Aliases, s.EventInvokeConfigs = slices.Clone(s.Versions), slices.Clone(s.Aliases), slices.Clone(s.EventInvokeConfigs)
	s.Layers, s.LayerPermissions, s.CodeSigningConfigs = slices.Clone(s.Layers), slices.Clone(s.LayerPermissions), slices.Clone(s.CodeSigningConfigs)
	s.CapacityProviders, s.InstanceProfiles = slices.Clone(s.CapacityProviders), slices.Clone(s.InstanceProfiles)
	s.Unmodelled = slices.Clone(s.Unmodelled)
	return s
}

// evaluateAll evaluates every resource's properties and every output, so that
// mistakes are found also where no row reads them. It comes after the rows,
// which evaluate what they read: an instance's address needs its subnet.
func (l *loader) evaluateAll(doc source.Node) {
	for _, r := range l.resources {
		if l.exists(r) {
			l.props(r)
			l.checkProperties(r)
		}
	}
	outputs, _ := doc.Get("Outputs")
	for _, e := range outputs.Entries {
		if name, ok := e.Value.Get("Condition"); ok && !l.holds(name, "output "+e.Key) {
			continue
		}
		if v, ok := e.Value.Get("Value"); ok {
			l.eval(v)
			continue
		}
		l.fail("CFN_MISSING_PROPERTY", e.KeyAt, "add Value to it", "output %s has no Value", e.Key)
	}
}

// readRow reads the resources of one type, in the order of the template.
func (l *loader) readRow(w *row) {
	if w.read == nil {
		return
	}
	for _, r := range l.resources {
		if r.row == w && l.exists(r) {
			w.read(l, r)
		}
	}
}
