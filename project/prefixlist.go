package project

import (
	"fmt"
	"net/netip"
	"regexp"

	"bailey/cloud"
	"bailey/source"
)

// A PrefixList is one that a template names by its ID and nothing describes:
// what is in it, or by which name AWS keeps it.
// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
type PrefixList struct {
	ID    cloud.PrefixListID
	Name  string
	CIDRs []netip.Prefix
	Full  bool // CIDRs is stated
	At    source.Span
}

var listForm = regexp.MustCompile(`^pl-[0-9a-zA-Z-]+$`)

func (d *decoder) prefixList(n source.Node) PrefixList {
	l := PrefixList{At: n.At}
	d.object(n, "a prefix list", []field{
		{key: "id", required: true, read: func(n source.Node) { l.ID = cloud.PrefixListID(d.form(n, listForm, "a prefix list's ID")) }},
		{key: "name", read: func(n source.Node) { l.Name = d.text(n) }},
		{key: "cidrs", read: func(n source.Node) { l.CIDRs, l.Full = each(d, n, d.cidr), true }},
	})
	if l.Name == "" && !l.Full && n.Kind == source.Map {
		d.fail("PROJECT_MISSING_KEY", n.At, "state its cidrs, or for a list of AWS's its name", "a prefix list has neither cidrs nor a name")
	}
	return l
}

// applyLists describes the stated lists in a Spec.
func (p Project) applyLists(s *cloud.Spec, diags *source.Diags) {
	for _, l := range p.Facts.PrefixLists {
		pl, managed := cloud.NamedPrefixList(l.ID, l.Name, s.Region, l.At)
		if l.Full {
			pl = cloud.PrefixList{Meta: cloud.Meta{Name: l.Name, Type: "AWS::EC2::PrefixList", At: l.At}, ID: l.ID, Prefixes: l.CIDRs}
			if pl.Name == "" {
				pl.Name = string(l.ID)
			}
		} else if !managed {
			names := cloud.ManagedPrefixLists(s.Region)
			diags.Add(source.Diag{Code: "PROJECT_BAD_VALUE", At: l.At, Summary: fmt.Sprintf("AWS keeps no prefix list called %q in %s", l.Name, s.Region),
				Hint: source.DidYouMean(l.Name, names, "state the cidrs of a list of your own")})
			continue
		}
		s.PrefixLists = append(s.PrefixLists, pl)
	}
}
