package cfn

import (
	"cmp"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// A row says how one resource type is read. Rows come in the order in which
// they are read: what adds to another resource comes after it.
type row struct {
	Type string
	// properties are the names the type has, separated by spaces; ! marks the
	// required ones.
	properties string
	read       func(*loader, *resource) // adds it to the Spec; nil: others refer to it, no more
	ref        func(*loader, *resource) source.Node
	atts       attributes // nil function: AWS decides the value
	quiet      bool       // nothing about it changes an answer; its properties are not looked at
}

// attributes are what Fn::GetAtt may ask of a type.
type attributes map[string]func(*loader, *resource) source.Node

// table gives the rows. The pages of the types, with their properties, Ref and
// attributes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html
func table() []*row {
	return slices.Concat(elasticRows(), vpcRows(), ipv6Rows(), vpnRows(), transitRows(), publicAccessRows(), attachmentRows(), routeRows(), securityGroupRows(), aclRows(), endpointRows(), interfaceRows(), instanceRows(), interfaceAttachmentRows(),
		userRows(), iamRows(), ssmRows(), lightsailRows(), layerRows(), lambdaRows(), invocationRows(), eventSourceRows(), rdsRows(), cacheRows(), efsRows(), nameRows(), balancerRows(),
		queueRows(), storageRows(), scheduleRows(), secretRows(), cognitoRows(), observeRows(), restRows(), httpRows(), planRows(), frontRows(), quietRows(), stackRows())
}

// idRef is a Ref that gives an ID with the given prefix.
func idRef(prefix string) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node { return l.text(l.id(prefix, r), r.At) }
}

// id is the physical ID of a resource: the one that is known, else one made up.
func (l *loader) id(prefix string, r *resource) string {
	return cmp.Or(l.in.Known[r.logical].ID, cloud.PhysicalID(prefix, l.stack, r.logical))
}

// nameRef is a Ref that gives the name stated in key, else a generated one.
func nameRef(key string, limit int) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node { return l.nameNode(r, key, limit) }
}

func (l *loader) nameNode(r *resource, key string, limit int) source.Node {
	if v := l.prop(r, key); v.IsScalar() || v.Kind == source.Unknown {
		return v
	}
	return l.text(l.generated(r, limit), r.At)
}

// nameOf is the physical name of a resource; one that is left open is made up.
func (l *loader) nameOf(r *resource, key string, limit int) string {
	if v := l.nameNode(r, key, limit); v.Kind != source.Unknown {
		return v.Text
	}
	return l.generated(r, limit)
}

// property is an attribute that gives back a property as it was stated.
func property(key string) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node { return l.prop(r, key) }
}

// checkProperties reports properties that the type does not have and required
// ones that are missing.
func (l *loader) checkProperties(r *resource) {
	p := l.props(r)
	if r.row == nil || r.row.quiet || p.Kind == source.Unknown {
		return
	}
	if p.Kind != source.Map && p.Kind != source.Null {
		l.fail("CFN_WRONG_TYPE", p.At, "", "Properties of %s must be a map, not a %s", r.Name, p.Kind)
		return
	}
	var known []string
	for name := range strings.FieldsSeq(r.row.properties) {
		bare, required := strings.CutPrefix(name, "!")
		known = append(known, bare)
		if v, ok := p.Get(bare); required && (!ok || v.Kind == source.Null) {
			l.fail("CFN_MISSING_PROPERTY", r.At, "add it under Properties", "%s (%s) has no %s, which is required", r.Name, r.Type, bare)
		}
	}
	for _, e := range p.Entries {
		if !slices.Contains(known, e.Key) {
			l.unknownProperty(r.Name+" ("+r.Type+")", e, known)
		}
	}
}

// notDescribed warns that a resource changes something that is not here.
func (l *loader) notDescribed(r *resource, what, id string) {
	if id == "" {
		return // missing or open, and reported as such
	}
	l.warn("CFN_TARGET_UNKNOWN", r.At, "declare it in the template, or state it under facts: in bailey.yaml",
		"%s changes %s %s, which nothing here describes: it has no effect on the answers", r.Name, what, id)
}

// outside files a resource of a kind that the model does not have, though it
// has its type, and says what that means.
func (l *loader) outside(r *resource, why string) {
	l.spec.Unmodelled = append(l.spec.Unmodelled, r.Meta)
	l.diags.Add(source.Diag{Code: "CFN_UNMODELLED_KIND", Severity: source.Note, At: r.At,
		Summary: r.Name + " is not modelled: " + why, Hint: "answers that depend on it are unknown"})
}
