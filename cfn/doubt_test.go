package cfn_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// loadNode evaluates a template that has been read.
func loadNode(root source.Node) (cloud.Spec, source.Diags) {
	return cfn.Load(cfn.Input{File: "template.yaml", Root: root,
		Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "app"}})
}

// word, mapping and having write nodes.
func word(text string) source.Node { return source.Node{Kind: source.String, Text: text} }

func mapping(key string, v source.Node) source.Node {
	return source.Node{Kind: source.Map, Entries: []source.Entry{{Key: key, Value: v}}}
}

// having is n with one entry replaced or added.
func having(n source.Node, key string, v source.Node) source.Node {
	n.Kind = source.Map
	n.Entries = slices.DeleteFunc(slices.Clone(n.Entries), func(e source.Entry) bool { return e.Key == key })
	n.Entries = append(n.Entries, source.Entry{Key: key, Value: v})
	return n
}

// inDoubt is a template in which it is open whether one resource is there.
func inDoubt(root source.Node, logical string) source.Node {
	section := func(name, key string, v source.Node) {
		old, _ := root.Get(name)
		root = having(root, name, having(old, key, v))
	}
	section("Parameters", "Doubt", mapping("Type", word("String")))
	section("Conditions", "Doubtful", mapping("Fn::Equals", source.Node{Kind: source.List, Items: []source.Node{mapping("Ref", word("Doubt")), word("on")}}))
	r, _ := root.Path("Resources", logical)
	section("Resources", logical, having(r, "Condition", word("Doubtful")))
	return root
}

// mentions reports whether a Gap or an open Node in v says the words.
func mentions(v reflect.Value, words string) bool {
	switch v.Kind() {
	case reflect.String:
		return false
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && mentions(v.Elem(), words)
	case reflect.Slice:
		for i := range v.Len() {
			if mentions(v.Index(i), words) {
				return true
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if mentions(v.MapIndex(k), words) {
				return true
			}
		}
	case reflect.Struct:
		switch v.Type() {
		case reflect.TypeFor[cloud.Gap]():
			return strings.Contains(v.FieldByName("Because").String(), words)
		case reflect.TypeFor[source.Node]():
			if v.FieldByName("Kind").Uint() == uint64(source.Unknown) && strings.Contains(v.FieldByName("Text").String(), words) {
				return true
			}
		}
		for i := range v.NumField() {
			if mentions(v.Field(i), words) {
				return true
			}
		}
	}
	return false
}

// TestEveryTypeMayBeInDoubt opens the condition of one resource of the corpus
// at a time. That is no mistake, and the Spec says that it is open, but for what
// changes no answer: types without any bearing on one, and what the template
// itself does not describe the other side of.
func TestEveryTypeMayBeInDoubt(t *testing.T) {
	silent := map[string]bool{"AWS::EC2::CustomerGateway": true, "AWS::CloudFormation::WaitConditionHandle": true}
	seen := 0
	for _, w := range corpus(t) {
		root, diags := document.Read("template.yaml", []byte(w.template))
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		if _, diags := loadNode(root); diags.HasErrors() {
			continue
		}
		resources, _ := root.Get("Resources")
		for _, e := range resources.Entries {
			typ, _ := e.Value.Get("Type")
			if _, conditional := e.Value.Get("Condition"); conditional || silent[typ.Text] {
				continue
			}
			seen++
			spec, diags := loadNode(inDoubt(root, e.Key))
			apart := slices.ContainsFunc(diags, func(d source.Diag) bool {
				return d.Code == "CFN_TARGET_UNKNOWN" && strings.HasPrefix(d.Summary, e.Key+" ")
			})
			if diags.HasErrors() {
				t.Errorf("%s: %s (%s): %v", w.file, e.Key, typ.Text, diags.Error())
			} else if !apart && !mentions(reflect.ValueOf(spec), "whether "+e.Key+" exists is open") {
				t.Errorf("%s: nothing says that %s (%s) may not be there", w.file, e.Key, typ.Text)
			}
		}
	}
	if seen < 200 {
		t.Errorf("opened %d conditions only", seen)
	}
}

// doubtWorld is a function behind a REST API, a URL, an alias and a rule, and
// two VPCs joined by a transit gateway. NAME: stands before what a case opens.
const doubtWorld = `Parameters:
  Switch: {Type: String}
  Id: {Type: String}
Conditions:
  Maybe: !Equals [!Ref Switch, "on"]
Resources:
  Role: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}}
  Fn: {Type: "AWS::Lambda::Function", Properties: {Code: {ZipFile: x}, Role: !GetAtt Role.Arn}}
  Idle: {Type: "AWS::Lambda::Function", Properties: {Code: {ZipFile: x}, Role: !GetAtt Role.Arn}}
  Linked: {Type: "AWS::Lambda::Function", Properties: {Code: {ZipFile: x}, Role: !GetAtt Role.Arn}}
  Api: {Type: "AWS::ApiGateway::RestApi", Properties: {Name: api, EndpointConfiguration: {Types: [REGIONAL]}}}
  Method: {Type: "AWS::ApiGateway::Method", Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: NONE,
    Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}}
  Deployment: {Type: "AWS::ApiGateway::Deployment", DependsOn: Method, Properties: {RestApiId: !Ref Api}}
  Stage: {Type: "AWS::ApiGateway::Stage", Properties: {RestApiId: !Ref Api, DeploymentId: !Ref Deployment, StageName: prod}}
  Permission: {Type: "AWS::Lambda::Permission", Properties: {FunctionName: !Ref Fn, Action: "lambda:InvokeFunction", Principal: apigateway.amazonaws.com}}
  Usage: {Type: "AWS::ApiGateway::UsagePlan", Properties: {ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage}]}}
  Rule: {Type: "AWS::Events::Rule", Properties: {ScheduleExpression: "rate(1 day)", Targets: [{Id: a, Arn: !Ref Alias}]}}
  Alias: {Type: "AWS::Lambda::Alias", Properties: {FunctionName: !Ref Fn, FunctionVersion: "1", Name: live}}
  OfRule: {Type: "AWS::Lambda::Permission", Properties: {FunctionName: !Ref Alias, Action: "lambda:InvokeFunction", Principal: events.amazonaws.com, SourceArn: !GetAtt Rule.Arn}}
  Url: {Type: "AWS::Lambda::Url", Properties: {TargetFunctionArn: !Ref Linked, AuthType: NONE}}
  OfUrl: {Type: "AWS::Lambda::Permission", Properties: {FunctionName: !Ref Linked, Action: "lambda:InvokeFunctionUrl", Principal: "*", FunctionUrlAuthType: NONE}}
  OfUrlToo: {Type: "AWS::Lambda::Permission", Properties: {FunctionName: !Ref Linked, Action: "lambda:InvokeFunction", Principal: "*", InvokedViaFunctionUrl: true}}
  East: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.1.0.0/16, EnableDnsHostnames: true}}
  EastNet: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref East, CidrBlock: 10.1.0.0/24, AvailabilityZone: us-west-2a}}
  EastTable: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref East}}
  EastTableOfNet: {Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: {SubnetId: !Ref EastNet, RouteTableId: !Ref EastTable}}
  EastRoute: {Type: "AWS::EC2::Route", DependsOn: EastAttached, Properties: {RouteTableId: !Ref EastTable, DestinationCidrBlock: 10.2.0.0/16, TransitGatewayId: !Ref Hub}}
  EastGroup: {Type: "AWS::EC2::SecurityGroup", Properties: {VpcId: !Ref East, GroupDescription: g, SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 0.0.0.0/0}]}}
  EastBox: {Type: "AWS::EC2::Instance", Properties: {ImageId: ami-1, SubnetId: !Ref EastNet, SecurityGroupIds: [!Ref EastGroup]}}
  West: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.2.0.0/16}}
  WestNet: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref West, CidrBlock: 10.2.0.0/24, AvailabilityZone: us-west-2a}}
  WestTable: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref West}}
  WestTableOfNet: {Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: {SubnetId: !Ref WestNet, RouteTableId: !Ref WestTable}}
  WestRoute: {Type: "AWS::EC2::Route", DependsOn: WestAttached, Properties: {RouteTableId: !Ref WestTable, DestinationCidrBlock: 10.1.0.0/16, TransitGatewayId: !Ref Hub}}
  WestGroup: {Type: "AWS::EC2::SecurityGroup", Properties: {VpcId: !Ref West, GroupDescription: g, SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 0.0.0.0/0}]}}
  WestBox: {Type: "AWS::EC2::Instance", Properties: {ImageId: ami-1, SubnetId: !Ref WestNet, SecurityGroupIds: [!Ref WestGroup]}}
  Hub: {Type: "AWS::EC2::TransitGateway", Properties: {DefaultRouteTableAssociation: disable, DefaultRouteTablePropagation: disable}}
  HubTable: {Type: "AWS::EC2::TransitGatewayRouteTable", Properties: {TransitGatewayId: !Ref Hub}}
  EastAttached: {Type: "AWS::EC2::TransitGatewayVpcAttachment", Properties: {TransitGatewayId: !Ref Hub, VpcId: !Ref East, SubnetIds: [!Ref EastNet]}}
  WestAttached: {Type: "AWS::EC2::TransitGatewayVpcAttachment", Properties: {TransitGatewayId: !Ref Hub, VpcId: !Ref West, SubnetIds: [!Ref WestNet]}}
  EastAssociated: {Type: "AWS::EC2::TransitGatewayRouteTableAssociation", Properties: {TransitGatewayAttachmentId: !Ref EastAttached, TransitGatewayRouteTableId: !Ref HubTable}}
  WestAssociated: {Type: "AWS::EC2::TransitGatewayRouteTableAssociation", Properties: {TransitGatewayAttachmentId: !Ref WestAttached, TransitGatewayRouteTableId: !Ref HubTable}}
  EastPropagated: {Type: "AWS::EC2::TransitGatewayRouteTablePropagation", Properties: {TransitGatewayAttachmentId: !Ref EastAttached, TransitGatewayRouteTableId: !Ref HubTable}}
  WestPropagated: {Type: "AWS::EC2::TransitGatewayRouteTablePropagation", Properties: {TransitGatewayAttachmentId: !Ref WestAttached, TransitGatewayRouteTableId: !Ref HubTable}}
  Igw: {Type: "AWS::EC2::InternetGateway"}
  Attached: {Type: "AWS::EC2::VPCGatewayAttachment", Properties: {VpcId: !Ref East, InternetGatewayId: !Ref Igw}}
  ToWorld: {Type: "AWS::EC2::Route", DependsOn: Attached, Properties: {RouteTableId: !Ref EastTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw}}
  Address: {Type: "AWS::EC2::EIP", Properties: {InstanceId: !Ref EastBox}}
  Options: {Type: "AWS::EC2::DHCPOptions", Properties: {DomainNameServers: [10.2.0.53]}}
`

// doubtful opens the condition of a resource of a world, or where it is two
// words, replaces the first by the second.
func doubtful(world, what string) string {
	if old, replacement, two := strings.Cut(what, " => "); two {
		return strings.ReplaceAll(world, old, replacement)
	}
	return strings.Replace(world, "  "+what+": {Type:", "  "+what+": {Condition: Maybe, Type:", 1)
}

// passes reports whether reach lets EastBox reach WestBox for certain.
func passes(m *cloud.Model) bool {
	n := reach.Compile(m)
	for e := range n.Pairs() {
		if slices.Contains(e.From.Owners, "EastBox") && slices.Contains(e.To.Owners, "WestBox") && !e.Public {
			return !e.Open().IsEmpty()
		}
	}
	return false
}

// TestDoubtIsUnknown: an answer that turns on what may not be there, or on whose
// it is, is unknown and says why; other answers stand.
func TestDoubtIsUnknown(t *testing.T) {
	const api, rule, url, transit, world, named = "Api -> Fn", "Rule -> Fn", "internet -> Linked", "EastBox -> WestBox:80", "internet -> EastBox:80", "EastBox -> example.com:443"
	id := "parameter Id has no value"
	for _, c := range []struct{ open, asked, verdict, missing string }{
		{"", api, "reachable", ""}, {"", rule, "reachable", ""}, {"", url, "reachable", ""}, {"", transit, "reachable", ""}, {"", world, "reachable", ""},
		{"", "internet -> Api", "reachable", ""}, {"", "internet -> Fn", "reachable", ""}, {"", "internet -> Idle", "blocked", ""}, {"", named, "reachable", ""},

		{"Api", api, "unknown", "whether Api exists"}, {"Api", "internet -> Api", "unknown", "whether Api exists"}, {"Api", url, "reachable", ""},
		{"Method", api, "unknown", "whether Method exists"}, {"Method", "internet -> Api", "unknown", "whether Method exists"},
		{"Method", "internet -> Fn", "unknown", "whether Method exists"}, {"Method", "internet -> Idle", "blocked", ""},
		{"Stage", api, "unknown", "whether Stage exists"}, {"Stage", "internet -> Api", "unknown", "whether Stage exists"},
		{"Usage", api, "reachable", ""}, {"Usage", "internet -> Api", "reachable", ""},
		{"Permission", api, "unknown", "whether Permission exists"}, {"Permission", url, "reachable", ""}, {"Permission", rule, "reachable", ""},
		{"RestApiId: !Ref Api, ResourceId => RestApiId: !Ref Id, ResourceId", "internet -> Fn", "unknown", id},
		{"${Fn.Arn}/inv => ${Id}/inv", "internet -> Idle", "unknown", id},
		{"FunctionName: !Ref Fn, Action => FunctionName: !Ref Id, Action", api, "unknown", id},

		{"Rule", rule, "unknown", "whether Rule exists"}, {"Alias", rule, "unknown", "whether Alias exists"}, {"Alias", api, "reachable", ""},
		{"Alias", "Rule -> Alias", "unknown", "whether Alias exists"},
		{"Url", url, "unknown", "whether Url exists"}, {"Url", "internet -> Fn", "reachable", ""}, {"OfUrlToo", url, "unknown", "whether OfUrlToo exists"},
		{"TargetFunctionArn: !Ref Linked => TargetFunctionArn: !Ref Id", "internet -> Idle", "unknown", id},
		{"Role", "Fn -> Idle", "blocked", ""},

		{"Hub", transit, "unknown", "whether Hub exists"}, {"WestAttached", transit, "unknown", "whether WestAttached exists"},
		{"EastAssociated", transit, "unknown", "whether EastAssociated exists"}, {"WestAssociated", transit, "unknown", "whether WestAssociated exists"},
		{"WestPropagated", transit, "unknown", "whether WestPropagated exists"}, {"EastPropagated", transit, "unknown", "whether EastPropagated exists"},
		{"EastPropagated", world, "reachable", ""},
		{"WestAttached, TransitGatewayRouteTableId: !Ref HubTable => WestAttached, TransitGatewayRouteTableId: !Ref Id", transit, "unknown", id},
		{"InternetGatewayId: !Ref Igw => InternetGatewayId: !Ref Id", world, "unknown", id},
		{"TransitGatewayAttachmentId: !Ref WestAttached => TransitGatewayAttachmentId: !Ref Id", transit, "unknown", id},
		{"  WestAssociated: => " + `  Again: {Condition: Maybe, Type: "AWS::EC2::TransitGatewayRouteTableAssociation", Properties: {TransitGatewayAttachmentId: !Ref WestAttached, TransitGatewayRouteTableId: !Ref HubTable}}` + "\n  WestAssociated:", transit, "unknown", "whether Again exists"},
		{"  Options: => " + `  Vgw: {Type: "AWS::EC2::VPNGateway", Properties: {Type: ipsec.1}}` + "\n" + `  Learns: {Condition: Maybe, Type: "AWS::EC2::VPNGatewayRoutePropagation", Properties: {VpnGatewayId: !Ref Vgw, RouteTableIds: [!Ref EastTable]}}` + "\n  Options:", transit, "unknown", "whether Learns exists"},
		{"Attached", world, "unknown", "whether Attached exists"}, {"Attached", transit, "reachable", ""},
		{"Igw", world, "unknown", "whether Igw exists"}, {"Address", world, "unknown", "whether Address exists"}, {"Address", transit, "unknown", "whether Address exists"},
		{"EastBox", transit, "unknown", "whether EastBox exists"}, {"WestGroup", transit, "unknown", "whether WestGroup exists"},
		{"  Options: => " + `  Guard: {Condition: Maybe, Type: "AWS::EC2::VPCBlockPublicAccessOptions", Properties: {InternetGatewayBlockMode: block-bidirectional}}` + "\n  Options:", world, "unknown", "whether Guard exists"},
		{"  Options: => " + `  Resolves: {Condition: Maybe, Type: "AWS::EC2::VPCDHCPOptionsAssociation", Properties: {VpcId: !Ref East, DhcpOptionsId: !Ref Options}}` + "\n  Options:", named, "unknown", "whether Resolves exists"},
	} {
		spec, diags := load(doubtful(doubtWorld, c.open))
		m, more := cloud.New(spec)
		if diags = append(diags, more...); diags.HasErrors() {
			t.Errorf("%s: %v", c.open, diags.Error())
			continue
		}
		from, to, _ := strings.Cut(c.asked, " -> ")
		r, err := path.Why(m, path.Question{From: from, To: to})
		if err != nil {
			t.Errorf("%s, %s: %v", c.open, c.asked, err)
			continue
		}
		if r.Verdict.String() != c.verdict || !strings.Contains(fmt.Sprint(r.Missing), c.missing) {
			t.Errorf("%s: %s is %s, missing %v, %v; want %s, missing %s", c.open, c.asked, r.Verdict, r.Missing, r.Blockers, c.verdict, c.missing)
		}
		if c.asked == transit && passes(m) != (r.Verdict == path.Reachable) {
			t.Errorf("%s: reach says otherwise than path", c.open)
		}
	}
}
