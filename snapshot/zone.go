package snapshot

import (
	"slices"
	"strings"

	"bailey/cloud"
)

// readZones reads Route 53's zones and the rules of its resolver. The VPCs of a
// private zone are in the answer for that zone alone.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html
func (r *reader) readZones() {
	vpcs := map[string][]cloud.VPCID{}
	known := map[string]bool{}
	for _, it := range r.list("HostedZone") {
		id := zoneID(it.child("HostedZone").text("Id"))
		vpcs[id], known[id] = each[cloud.VPCID](it, "VPCs", "VPCId"), true
	}
	for _, it := range r.list("HostedZones") {
		id := zoneID(it.text("Id"))
		z := cloud.HostedZone{Meta: r.meta("HostedZones", it), ID: id, Domain: cloud.CanonicalHost(it.text("Name")), Private: it.child("Config").flag("PrivateZone", false), VPCs: vpcs[id]}
		z.Name = z.Domain
		if z.Private && !known[id] { // it may answer in any of them
			g := r.gapOf("HostedZone", id)
			z.Open = append(z.Open, g)
			for _, v := range r.spec.VPCs {
				z.VPCs = append(z.VPCs, v.ID)
			}
		}
		if !r.describedOf("ResourceRecordSets", id) {
			z.Open = append(z.Open, r.gapOf("ResourceRecordSets", id))
		}
		for _, rec := range r.list("ResourceRecordSets") {
			if zoneID(rec.owner) == id {
				z.Records = append(z.Records, r.record(rec))
			}
		}
		r.spec.HostedZones = append(r.spec.HostedZones, z)
	}
	r.readRules()
	for _, key := range []string{"HostedZones", "ResolverRules", "ResolverRuleAssociations"} {
		if !r.described(key) && r.spec.OpenNames == nil {
			g := r.gap(key)
			r.spec.OpenNames = &g
		}
	}
}

func zoneID(text string) string { return strings.TrimPrefix(text, "/hostedzone/") }

func (r *reader) record(it item) cloud.Record {
	rec := cloud.Record{Meta: cloud.Meta{Name: it.text("Name"), Type: "AWS::Route53::RecordSet", At: it.at()}, Host: cloud.CanonicalHost(it.text("Name")), Kind: it.text("Type"),
		Values: cloud.Known(each[string](it, "ResourceRecords", "Value"))}
	if host := it.child("AliasTarget").text("DNSName"); host != "" {
		rec.Alias, rec.Values = true, cloud.Known([]string{host})
	}
	return rec
}

func (r *reader) readRules() {
	for _, it := range r.list("ResolverRules") {
		if it.text("RuleType") == "RECURSIVE" {
			continue // AWS's own, for all that no other rule has
		}
		rule := cloud.ResolverRule{Meta: r.meta("ResolverRules", it), ID: it.text("Id"), Domain: cloud.Known(cloud.CanonicalHost(it.text("DomainName"))), Forward: it.text("RuleType") != "SYSTEM"}
		for _, a := range r.list("ResolverRuleAssociations") {
			if a.text("ResolverRuleId") == rule.ID && isIn(a.text("Status"), "COMPLETE", "OVERRIDDEN", "") {
				rule.VPCs = append(rule.VPCs, cloud.VPCID(a.text("VPCId")))
			}
		}
		r.spec.ResolverRules = append(r.spec.ResolverRules, rule)
	}
}

// undescribed notes of which types nobody tells what there is.
func (r *reader) undescribed() {
	open := map[string]cloud.Gap{}
	for _, k := range kinds {
		if k.of == "" && !k.single && !r.described(k.key) {
			open[k.typ] = r.gap(k.key)
		}
	}
	for _, f := range r.spec.Functions {
		if key := "FunctionUrlConfigs"; !r.describedOf(key, "") && !r.describedOf(key, f.FunctionName) {
			open[kindOf[key].typ] = r.gapOf(key, f.FunctionName)
		}
	}
	if len(open) > 0 {
		r.spec.Undescribed = open
	}
}

// unknowns notes which calls nobody made that bear on most answers.
func (r *reader) unknowns() {
	var missing []string
	for _, key := range bearing {
		call := "aws " + kindOf[key].call
		if !r.described(key) && !slices.Contains(missing, call) {
			missing = append(missing, call)
		}
	}
	if len(missing) > 0 {
		r.diags.Add(warning("SNAPSHOT_INCOMPLETE", r.env.folder, "nobody has described: "+strings.Join(missing, "; "), "answers that depend on it are unknown; `bailey snapshot` makes all the calls"))
	}
}

// bearing are the kinds without which most answers are unknown.
var bearing = []string{"Vpcs", "EnableDnsSupport", "EnableDnsHostnames", "Subnets", "RouteTables", "NetworkAcls", "SecurityGroups", "InternetGateways", "NatGateways", "VpcPeeringConnections", "VpcEndpoints",
	"PrefixLists", "NetworkInterfaces", "Reservations", "VpcBlockPublicAccessOptions", "Functions", "RoleDetailList", "HostedZones", "ResolverRules", "ResolverRuleAssociations"}
