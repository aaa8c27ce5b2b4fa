package terraform

import (
	"path"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"bailey/cfn"
	"bailey/cloud"
)

// known gives what is known of a data source: what a plan has found, else what
// can be told without looking.
func (s *scope) known(i *instance) map[string]cty.Value {
	out := s.lookUp(i)
	if i.b.typ == "aws_iam_policy_document" && out != nil {
		return out // it refers to resources, where the plan has texts
	}
	prior := s.prior[s.shown(i.addr)]
	if out == nil {
		out = make(map[string]cty.Value, len(prior))
	}
	for name, v := range prior {
		if !v.IsNull() {
			out[name] = v
		}
	}
	return out
}

// lookUp gives what is known of a data source: what Terraform would look up and
// the region, the account, the facts or the block itself decide.
func (s *scope) lookUp(i *instance) map[string]cty.Value {
	str := cty.StringVal
	switch i.b.typ {
	case "aws_region":
		name := s.spec.Region
		if given, ok := i.body.text("name"); ok {
			name = given
		} else if given, ok := i.body.text("region"); ok {
			name = given
		}
		return map[string]cty.Value{"name": str(name), "id": str(name), "region": str(name), "endpoint": str("ec2." + name + "." + cloud.DNSSuffix(name))}
	case "aws_caller_identity":
		return map[string]cty.Value{"account_id": str(s.spec.Account), "id": str(s.spec.Account)}
	case "aws_partition":
		p := cloud.Partition(s.spec.Region)
		return map[string]cty.Value{"partition": str(p), "id": str(p), "dns_suffix": str(cloud.DNSSuffix(s.spec.Region)), "reverse_dns_prefix": str(reversed(cloud.DNSSuffix(s.spec.Region)))}
	case "aws_availability_zones":
		return s.zones(i)
	case "aws_iam_policy_document":
		return s.policyDocument(i)
	case "aws_prefix_list", "aws_ec2_managed_prefix_list":
		return s.prefixList(i)
	case "aws_vpc_endpoint_service":
		return s.endpointService(i)
	case "aws_vpc":
		return s.lookUpVPC(i)
	case "aws_subnets":
		return s.lookUpSubnets(i)
	case "aws_ssm_parameter":
		return s.lookUpParameter(i)
	case "aws_iam_policy":
		if arn, ok := i.body.text("arn"); ok {
			return map[string]cty.Value{"arn": str(arn), "id": str(arn)}
		}
	case "aws_service_principal":
		if name, ok := i.body.text("service_name"); ok {
			return map[string]cty.Value{"name": str(name + ".amazonaws.com"), "id": str(name + ".amazonaws.com")}
		}
	case "aws_arn":
		return lookUpARN(i)
	case "archive_file":
		return s.archive(i)
	}
	return nil
}

func reversed(host string) string {
	labels := strings.Split(host, ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}

// zones are the Availability Zones of the region as Fn::GetAZs gives them.
func (s *scope) zones(*instance) map[string]cty.Value {
	var names, ids []cty.Value
	for _, zone := range cfn.AvailabilityZones(s.spec, s.spec.Region) {
		names = append(names, cty.StringVal(zone))
		ids = append(ids, gap{because: "the IDs of Availability Zones are the account's own"}.unknown())
	}
	return map[string]cty.Value{"names": cty.ListVal(names), "zone_ids": cty.TupleVal(ids), "id": cty.StringVal(s.spec.Region)}
}

// prefixList is one of AWS's own, by its name.
func (s *scope) prefixList(i *instance) map[string]cty.Value {
	name, ok := i.body.text("name")
	for _, f := range filters(i) {
		if f.name == "prefix-list-name" && len(f.values) == 1 {
			name, ok = f.values[0], true
		}
	}
	service, is := strings.CutPrefix(name, "com.amazonaws."+s.spec.Region+".")
	if !ok || !is {
		return nil
	}
	pl, ok := cloud.ManagedPrefixList(service, s.spec.Region)
	if !ok {
		return nil
	}
	var blocks, entries []cty.Value
	for _, p := range pl.Prefixes {
		cidr := cty.StringVal(p.String())
		blocks, entries = append(blocks, cidr), append(entries, cty.ObjectVal(map[string]cty.Value{"cidr": cidr, "description": cty.StringVal("")}))
	}
	out := map[string]cty.Value{"id": cty.StringVal(string(pl.ID)), "name": cty.StringVal(name), "prefix_list_id": cty.StringVal(string(pl.ID))}
	if len(blocks) > 0 {
		out["cidr_blocks"], out["entries"] = cty.ListVal(blocks), cty.ListVal(entries)
	}
	return out
}

// A filter of a data source.
type filter struct {
	name   string
	values []string
}

func filters(i *instance) []filter {
	var out []filter
	for _, b := range i.body.children("filter") {
		f := filter{}
		f.name, _ = b.text("name")
		if v, ok := b.get("values"); ok {
			if bare, _ := v.value.Unmark(); bare.IsKnown() && bare.CanIterateElements() {
				for _, item := range bare.Elements() {
					text, _ := scalarText(item)
					f.values = append(f.values, text)
				}
			}
		}
		out = append(out, f)
	}
	return out
}

// endpointService names a service as the provider does.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/vpc_endpoint_service
func (s *scope) endpointService(i *instance) map[string]cty.Value {
	name, ok := i.body.text("service_name")
	if !ok {
		service, stated := i.body.text("service")
		if !stated {
			return nil
		}
		name = "com.amazonaws." + s.spec.Region + "." + service
		if known, ok := cloud.ServiceByName(service); ok {
			name = known.EndpointService(s.spec.Region)
		}
	}
	return map[string]cty.Value{"service_name": cty.StringVal(name), "id": cty.StringVal(name)}
}

// lookUpVPC knows the default VPC, which the facts describe, and what an ID
// says by itself.
func (s *scope) lookUpVPC(i *instance) map[string]cty.Value {
	v, ok := s.defaultVPC()
	id, stated := i.body.text("id")
	switch {
	case i.body.flag("default", false) && ok, ok && stated && id == string(v.ID):
	default:
		return nil
	}
	out := map[string]cty.Value{"id": cty.StringVal(string(v.ID)), "main_route_table_id": cty.StringVal(string(cloud.MainRouteTableID(v.ID))),
		"default": cty.True, "owner_id": cty.StringVal(s.spec.Account)}
	if blocks := v.CIDRs.Or(nil); len(blocks) > 0 {
		out["cidr_block"] = cty.StringVal(blocks[0].String())
	}
	return out
}

// lookUpSubnets knows those of the default VPC.
func (s *scope) lookUpSubnets(i *instance) map[string]cty.Value {
	v, ok := s.defaultVPC()
	all := filters(i)
	if !ok || len(all) != 1 || all[0].name != "vpc-id" || !slices.Equal(all[0].values, []string{string(v.ID)}) {
		return nil
	}
	var ids []cty.Value
	for _, sub := range s.spec.Subnets {
		if sub.VPC == v.ID {
			ids = append(ids, cty.StringVal(string(sub.ID)))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return map[string]cty.Value{"ids": cty.ListVal(ids), "id": cty.StringVal(s.spec.Region)}
}

// lookUpParameter gives a parameter that the facts state.
func (s *scope) lookUpParameter(i *instance) map[string]cty.Value {
	name, ok := i.body.text("name")
	for _, p := range s.spec.Parameters {
		if text, known := p.Value.Get(); ok && p.ParamName == name && known {
			return map[string]cty.Value{"value": cty.StringVal(text), "insecure_value": cty.StringVal(text), "id": cty.StringVal(name),
				"arn": cty.StringVal("arn:" + cloud.Partition(s.spec.Region) + ":ssm:" + s.spec.Region + ":" + s.spec.Account + ":parameter/" + strings.TrimPrefix(name, "/"))}
		}
	}
	if !ok || hasToken(name) {
		return nil
	}
	return map[string]cty.Value{
		"value": gap{"the value of " + name + " in Systems Manager's Parameter Store, which is stated nowhere (facts.ssm in bailey.yaml)", i.at}.unknown(),
		"arn":   cty.StringVal("arn:" + cloud.Partition(s.spec.Region) + ":ssm:" + s.spec.Region + ":" + s.spec.Account + ":parameter/" + strings.TrimPrefix(name, "/"))}
}

func lookUpARN(i *instance) map[string]cty.Value {
	text, ok := i.body.text("arn")
	arn, err := cloud.ParseARN(text)
	if !ok || err != nil || hasToken(text) {
		return nil
	}
	str := cty.StringVal
	return map[string]cty.Value{"partition": str(arn.Partition), "service": str(arn.Service), "region": str(arn.Region), "account": str(arn.Account), "resource": str(arn.Resource), "id": str(text)}
}

// archive remembers what a package is made of: a folder, or that of a file.
func (s *scope) archive(i *instance) map[string]cty.Value {
	name, ok := i.body.text("output_path")
	if !ok {
		return nil
	}
	for _, argument := range []string{"source_dir", "source_file"} {
		if from, ok := i.body.text(argument); ok {
			if argument == "source_file" {
				from = path.Dir(from)
			}
			s.archives[path.Clean(name)] = from
		}
	}
	return nil
}
