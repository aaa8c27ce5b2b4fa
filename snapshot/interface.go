package snapshot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bailey/cloud"
)

// readInterfaces files the interfaces by their IDs; who owns which is found out
// while the owners are read.
func (r *reader) readInterfaces() {
	for _, it := range r.list("NetworkInterfaces") {
		r.interfaces[it.text("NetworkInterfaceId")] = it
	}
}

// down says of an instance's state why it does not answer.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
func down(state string) string {
	if isIn(state, "", "running") {
		return ""
	}
	return "is " + state
}

// readInstances. One that is terminated has no interface any more.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
func (r *reader) readInstances() {
	for _, it := range r.named(instances) {
		state := it.child("State").text("Name")
		if isIn(state, "terminated", "shutting-down") || it.text("SubnetId") == "" {
			continue
		}
		in := cloud.Instance{Meta: r.meta(instances.key, it), ID: it.text("InstanceId"), Subnet: cloud.Known(cloud.SubnetID(it.text("SubnetId"))),
			Groups: cloud.Known(each[cloud.SecurityGroupID](it, "SecurityGroups", "GroupId")), PrivateIP: it.addr("PrivateIpAddress"), PublicIP: it.addr("PublicIpAddress"),
			SourceDestCheck: it.flag("SourceDestCheck", true), Profile: cloud.Known(it.child("IamInstanceProfile").text("Arn")), Down: down(state)}
		for _, n := range it.items("NetworkInterfaces") {
			r.instanceInterface(&in, n)
		}
		r.spec.Instances = append(r.spec.Instances, in)
	}
}

// instanceInterface reads one interface of an instance: the first is the
// instance's own, the others are interfaces that it is attached to.
func (r *reader) instanceInterface(in *cloud.Instance, n item) {
	id := n.text("NetworkInterfaceId")
	r.claimed[id] = true
	if n.child("Attachment").number("DeviceIndex", 0, 0, 1000) == 0 && n.child("Attachment").number("NetworkCardIndex", 0, 0, 1000) == 0 {
		if v6 := n.items("Ipv6Addresses"); len(v6) > 0 {
			in.IPv6 = v6[0].addr("Ipv6Address")
		}
		p := placement(in.Name, n)
		if p.PublicIP = in.PublicIP; p.ID != "" {
			r.spec.Placements = append(r.spec.Placements, p)
		}
		r.secondary(in.Name, n, cloud.NetworkInterface{Instance: in.ID, Down: in.Down})
		return
	}
	r.networkInterface(r.interfaceName(n), n, cloud.NetworkInterface{Instance: in.ID, Down: in.Down})
}

func (r *reader) interfaceName(n item) string {
	id := n.text("NetworkInterfaceId")
	if it, ok := r.interfaces[id]; ok {
		return r.meta("NetworkInterfaces", it).Name
	}
	return id
}

// networkInterface adds an interface with each of its private addresses.
func (r *reader) networkInterface(name string, n item, like cloud.NetworkInterface) {
	p := placement("", n)
	out := r.like(name, n, like)
	out.ID, out.PrivateIP, out.PublicIP, out.IPv6 = p.ID, p.PrivateIP, p.PublicIP, p.IPv6
	r.spec.NetworkInterfaces = append(r.spec.NetworkInterfaces, out)
	r.secondary(name, n, like)
}

func (r *reader) like(name string, n item, like cloud.NetworkInterface) cloud.NetworkInterface {
	like.Meta = cloud.Meta{Name: name, Type: "AWS::EC2::NetworkInterface", At: n.at()}
	like.Subnet, like.Groups = cloud.Known(cloud.SubnetID(n.text("SubnetId"))), cloud.Known(each[cloud.SecurityGroupID](n, "Groups", "GroupId"))
	like.SourceDestCheck = n.flag("SourceDestCheck", true)
	return like
}

// secondary adds the further private addresses of an interface, each as an
// interface like it: packets meet the same.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-secondary-ip-addresses.html
func (r *reader) secondary(name string, n item, like cloud.NetworkInterface) {
	for _, a := range n.items("PrivateIpAddresses") {
		addr := a.addr("PrivateIpAddress")
		if a.flag("Primary", false) || !addr.IsValid() || addr == n.addr("PrivateIpAddress") {
			continue
		}
		out := r.like(fmt.Sprintf("%s %s", name, addr), n, like)
		out.ID, out.PrivateIP, out.PublicIP = cloud.ENIID(n.text("NetworkInterfaceId")+"/"+addr.String()), addr, a.child("Association").addr("PublicIp")
		r.spec.NetworkInterfaces = append(r.spec.NetworkInterfaces, out)
	}
}

// Descriptions by which AWS tells whose an interface is.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
var (
	functionInterface = regexp.MustCompile(`^AWS Lambda VPC ENI`)
	storeInterface    = regexp.MustCompile(`^(RDSNetworkInterface|ElastiCache .*|ElastiCache|EFS mount target for .*)$`)
	balancerInterface = regexp.MustCompile(`^ELB (\S+)$`)
)

// readOtherInterfaces reads those that nothing described owns. One of a function
// is no sender beside the function, whether the function is listed or not; one
// that is attached to nothing answers nothing.
func (r *reader) readOtherInterfaces() {
	for _, it := range r.list("NetworkInterfaces") {
		id, what := it.text("NetworkInterfaceId"), it.text("Description")
		if r.claimed[id] {
			continue
		}
		name := r.meta("NetworkInterfaces", it).Name
		like := cloud.NetworkInterface{}
		attachment := it.child("Attachment")
		switch status := it.text("Status"); {
		case it.text("InterfaceType") == "lambda" || functionInterface.MatchString(what):
			r.keep(it)
			continue
		case storeInterface.MatchString(what) && r.storesHere(it):
			r.keep(it)
			continue
		case attachment.text("InstanceId") != "":
			r.ofUnlisted(it, attachment, &like)
		case isIn(status, "available", "attaching", "detaching"):
			like.Down = "is attached to nothing"
		case what != "":
			like.For = what
		default:
			like.For = "something that AWS does not tell"
		}
		r.networkInterface(name, it, like)
	}
}

// ofUnlisted reads the interface of an instance that is not listed, which may be
// stopped.
func (r *reader) ofUnlisted(it, attachment item, like *cloud.NetworkInterface) {
	like.Instance = attachment.text("InstanceId")
	if !r.described("Reservations") || !slices.ContainsFunc(r.spec.Instances, func(in cloud.Instance) bool { return in.ID == like.Instance }) {
		like.For = "instance " + like.Instance
	}
}

// keep keeps the addresses of an interface from those that the model makes up.
func (r *reader) keep(it item) {
	p := placement("", it)
	if r.subnets[string(p.Subnet)] && p.PrivateIP.IsValid() {
		r.spec.Placements = append(r.spec.Placements, p)
	}
}

// storesHere reports whether a described database or cache may own an interface.
func (r *reader) storesHere(it item) bool {
	subnet := cloud.SubnetID(it.text("SubnetId"))
	return slices.ContainsFunc(r.spec.Stores, func(s cloud.Store) bool { return slices.Contains(s.Subnets.Or(nil), subnet) })
}

// byDescription are the interfaces whose description fits.
func (r *reader) byDescription(fits func(string) bool) []string {
	var out []string
	for _, it := range r.list("NetworkInterfaces") {
		if fits(it.text("Description")) {
			out = append(out, it.text("NetworkInterfaceId"))
		}
	}
	return out
}

// functionPlacements says which interfaces a function has: those of Lambda's in
// its subnets with its groups, which functions share.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func (r *reader) functionPlacements(name string, subnets []cloud.SubnetID, groups []cloud.SecurityGroupID) {
	if r.hyperplane == nil {
		r.hyperplane = map[string][]string{}
		for _, it := range r.list("NetworkInterfaces") {
			if it.text("InterfaceType") == "lambda" || functionInterface.MatchString(it.text("Description")) {
				key := it.text("SubnetId") + " " + sortedGroups(each[cloud.SecurityGroupID](it, "Groups", "GroupId"))
				r.hyperplane[key] = append(r.hyperplane[key], it.text("NetworkInterfaceId"))
			}
		}
	}
	for _, s := range subnets {
		r.placements(name, r.hyperplane[string(s)+" "+sortedGroups(groups)])
	}
}

func sortedGroups(groups []cloud.SecurityGroupID) string {
	var out []string
	for _, g := range groups {
		out = append(out, string(g))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// onlyOne gives the interface of an owner in a subnet, where only one can be it.
func (r *reader) onlyOne(owner string, subnets []cloud.SubnetID, groups []cloud.SecurityGroupID, what func(string) bool) {
	want := sortedGroups(groups)
	found := map[cloud.SubnetID][]string{}
	for _, id := range r.byDescription(what) {
		it := r.interfaces[id]
		if s := cloud.SubnetID(it.text("SubnetId")); !r.claimed[id] && slices.Contains(subnets, s) && sortedGroups(each[cloud.SecurityGroupID](it, "Groups", "GroupId")) == want {
			found[s] = append(found[s], id)
		}
	}
	for _, s := range subnets {
		if len(found[s]) == 1 {
			r.placements(owner, found[s])
		}
	}
}
