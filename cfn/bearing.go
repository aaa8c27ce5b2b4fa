package cfn

import (
	"slices"
	"strings"

	"bailey/cloud"
)

// A bearing says what an open condition, or an open ID of what a resource
// belongs to, leaves open.
type bearing uint8

const (
	// onOthers is that of every type that is not listed: answers about it and
	// about whatever it refers to may turn on it.
	onOthers bearing = iota
	// onItself: what refers to it is there only if it is.
	onItself
	// exact: its row puts the Gap on the very part of the model that it changes.
	exact
	// aside: it says what becomes of a request or a message that is let in, or
	// what is kept of it; who reaches whom stays as it is.
	aside
	// none: see quietRows. What stands here describes something outside of AWS.
	none
)

// bearings are the types whose bearing is another than onOthers.
var bearings = listBearings(map[bearing]string{
	exact: `AWS::EC2::VPC AWS::EC2::VPCCidrBlock AWS::EC2::Subnet AWS::EC2::NatGateway AWS::EC2::VPCPeeringConnection AWS::EC2::PrefixList
		AWS::EC2::Route AWS::EC2::SubnetRouteTableAssociation AWS::EC2::NetworkAclEntry AWS::EC2::SubnetNetworkAclAssociation
		AWS::EC2::SecurityGroupIngress AWS::EC2::SecurityGroupEgress AWS::EC2::VPCEndpoint AWS::EC2::EIPAssociation
		AWS::EC2::VPCGatewayAttachment AWS::EC2::GatewayRouteTableAssociation AWS::EC2::NetworkInterfaceAttachment
		AWS::EC2::TransitGatewayRoute AWS::EC2::TransitGatewayRouteTableAssociation AWS::EC2::TransitGatewayRouteTablePropagation
		AWS::EC2::VPNGatewayRoutePropagation AWS::EC2::VPCBlockPublicAccessOptions AWS::EC2::VPCBlockPublicAccessExclusion
		AWS::Route53::RecordSet AWS::Route53::RecordSetGroup
		AWS::IAM::Role AWS::IAM::RolePolicy AWS::IAM::Policy AWS::IAM::ManagedPolicy AWS::IAM::UserPolicy AWS::IAM::GroupPolicy
		AWS::IAM::InstanceProfile AWS::Lambda::Function AWS::Lambda::Permission AWS::SSM::Parameter`,
	onItself: `AWS::EC2::InternetGateway AWS::EC2::VPNGateway AWS::EC2::RouteTable AWS::EC2::NetworkAcl AWS::EC2::SecurityGroup AWS::EC2::EIP
		AWS::EC2::NetworkInterface AWS::EC2::Instance AWS::EC2::TransitGateway AWS::EC2::TransitGatewayAttachment
		AWS::EC2::TransitGatewayVpcAttachment AWS::EC2::TransitGatewayPeeringAttachment AWS::EC2::TransitGatewayRouteTable
		AWS::EC2::DHCPOptions AWS::EC2::VPCEndpointService AWS::Route53::HostedZone AWS::Route53Resolver::ResolverRule
		AWS::Route53Resolver::ResolverEndpoint AWS::Lightsail::Instance AWS::EFS::AccessPoint AWS::EFS::FileSystem
		AWS::RDS::DBCluster AWS::RDS::DBInstance AWS::RDS::DBProxy AWS::RDS::DBProxyEndpoint AWS::DocDB::DBCluster AWS::DocDB::DBInstance
		AWS::Neptune::DBCluster AWS::Neptune::DBInstance AWS::ElastiCache::CacheCluster AWS::ElastiCache::ReplicationGroup
		AWS::ElastiCache::ServerlessCache AWS::MemoryDB::Cluster AWS::Redshift::Cluster AWS::AmazonMQ::Broker AWS::MSK::Cluster
		AWS::OpenSearchService::Domain AWS::Elasticsearch::Domain
		AWS::ElasticLoadBalancing::LoadBalancer AWS::ElasticLoadBalancingV2::LoadBalancer AWS::ElasticLoadBalancingV2::TargetGroup
		AWS::Lambda::Alias AWS::Lambda::Version AWS::Lambda::Url AWS::Lambda::EventSourceMapping AWS::Lambda::CapacityProvider AWS::Lambda::LayerVersion
		AWS::ApiGateway::RestApi AWS::ApiGateway::Resource AWS::ApiGateway::Method AWS::ApiGateway::Authorizer AWS::ApiGateway::Stage
		AWS::ApiGateway::Deployment AWS::ApiGateway::VpcLink AWS::ApiGateway::DomainName AWS::ApiGateway::BasePathMapping
		AWS::ApiGatewayV2::Api AWS::ApiGatewayV2::Integration AWS::ApiGatewayV2::Authorizer AWS::ApiGatewayV2::Route AWS::ApiGatewayV2::Stage
		AWS::ApiGatewayV2::Deployment AWS::ApiGatewayV2::VpcLink AWS::ApiGatewayV2::DomainName AWS::ApiGatewayV2::ApiMapping
		AWS::IAM::User AWS::IAM::Group AWS::IAM::AccessKey AWS::IAM::ServiceLinkedRole
		AWS::SQS::Queue AWS::SNS::Topic AWS::S3::Bucket AWS::DynamoDB::Table AWS::DynamoDB::GlobalTable AWS::SecretsManager::Secret
		AWS::KMS::Key AWS::KMS::ReplicaKey AWS::Cognito::UserPool AWS::Events::EventBus AWS::Events::Rule AWS::Scheduler::Schedule
		AWS::StepFunctions::StateMachine AWS::Logs::LogGroup AWS::CloudFront::Distribution AWS::CloudFront::VpcOrigin AWS::AppSync::GraphQLApi`,
	aside: `AWS::EC2::FlowLog AWS::EC2::VPCEndpointServicePermissions
		AWS::Lambda::EventInvokeConfig AWS::Lambda::CodeSigningConfig AWS::Lambda::LayerVersionPermission
		AWS::ApiGateway::Model AWS::ApiGateway::RequestValidator AWS::ApiGateway::GatewayResponse AWS::ApiGateway::Account
		AWS::ApiGateway::ClientCertificate AWS::ApiGateway::DocumentationPart AWS::ApiGateway::DocumentationVersion
		AWS::ApiGateway::ApiKey AWS::ApiGateway::UsagePlan AWS::ApiGateway::UsagePlanKey AWS::WAFv2::WebACL AWS::WAFv2::WebACLAssociation
		AWS::SQS::QueuePolicy AWS::SNS::TopicPolicy AWS::SNS::Subscription AWS::S3::BucketPolicy AWS::Events::EventBusPolicy
		AWS::Scheduler::ScheduleGroup AWS::Logs::SubscriptionFilter AWS::SecretsManager::ResourcePolicy
		AWS::SecretsManager::RotationSchedule AWS::SecretsManager::SecretTargetAttachment AWS::KMS::Alias
		AWS::Cognito::UserPoolClient AWS::Cognito::UserPoolDomain AWS::Cognito::UserPoolGroup AWS::Cognito::UserPoolResourceServer
		AWS::Cognito::UserPoolUser AWS::Cognito::UserPoolUserToGroupAttachment AWS::CloudFront::OriginAccessControl
		AWS::AppSync::DataSource AWS::AppSync::GraphQLSchema AWS::AppSync::ApiKey AWS::AppSync::Resolver AWS::AppSync::FunctionConfiguration`,
	none: "AWS::EC2::CustomerGateway",
})

func listBearings(lists map[bearing]string) map[string]bearing {
	out := map[string]bearing{}
	for b, list := range lists {
		for typ := range strings.FieldsSeq(list) {
			out[typ] = b
		}
	}
	return out
}

// networkTypes are how the types begin whose resources packets meet.
var networkTypes = []string{"AWS::EC2::", "AWS::ElasticLoadBalancing", "AWS::Route53", "AWS::RDS::", "AWS::DocDB::", "AWS::Neptune::", "AWS::ElastiCache::",
	"AWS::MemoryDB::", "AWS::Redshift::", "AWS::AmazonMQ::", "AWS::MSK::", "AWS::OpenSearchService::", "AWS::Elasticsearch::", "AWS::EFS::", "AWS::Lightsail::"}

func inNetwork(typ string) bool {
	return slices.ContainsFunc(networkTypes, func(p string) bool { return strings.HasPrefix(typ, p) })
}

// bearing is the row's own; types that change no answer have none.
func (w *row) bearing() bearing {
	if w.quiet || w.Type == stackType {
		return none
	}
	return bearings[w.Type]
}

// readsOpen reports whether a resource of the type that may not be there is
// read with its facts open. The others are read as if they were there, and a
// cloud.Doubt says that they may not be.
func (w *row) readsOpen() bool { return inNetwork(w.Type) || w.bearing() == exact }

// belongs are the properties without which nobody knows what a resource
// changes, with the types of which that may be any, beside what it refers to.
var belongs = map[string]string{
	"RestApiId": "AWS::ApiGateway::RestApi", "ApiId": "AWS::ApiGatewayV2::Api AWS::AppSync::GraphQLApi", "ResourceId": "AWS::ApiGateway::Resource",
	"ParentId": "AWS::ApiGateway::Resource", "DomainName": "AWS::ApiGateway::DomainName AWS::ApiGatewayV2::DomainName",
	"UserPoolId": "AWS::Cognito::UserPool", "FunctionName": "AWS::Lambda::Function", "TargetFunctionArn": "AWS::Lambda::Function",
	"GroupName": "AWS::IAM::Group", "Users": "AWS::IAM::User",
	"TransitGatewayId": "AWS::EC2::TransitGateway", "TransitGatewayAttachmentId": "AWS::EC2::TransitGatewayAttachment AWS::EC2::TransitGatewayVpcAttachment",
	"TransitGatewayRouteTableId": "AWS::EC2::TransitGatewayRouteTable", "VpnGatewayId": "AWS::EC2::VPNGateway", "VpnConnectionId": "AWS::EC2::VPNGateway AWS::EC2::TransitGateway",
	"RouteTableId": "AWS::EC2::RouteTable AWS::EC2::InternetGateway AWS::EC2::VPNGateway", "RouteTableIds": "AWS::EC2::RouteTable",
	"GatewayId": "AWS::EC2::InternetGateway AWS::EC2::VPNGateway", "InternetGatewayId": "AWS::EC2::InternetGateway",
	"NetworkInterfaceId": "AWS::EC2::NetworkInterface", "InstanceId": "AWS::EC2::Instance", "VpcId": "AWS::EC2::VPC", "VPCId": "AWS::EC2::VPC",
	"DhcpOptionsId": "AWS::EC2::VPC", "ResolverRuleId": "AWS::EC2::VPC", "DestinationCidrBlock": "", "HostedZoneId": "AWS::Route53::HostedZone",
	"LoadBalancerArn": "AWS::ElasticLoadBalancingV2::LoadBalancer", "ListenerArn": "AWS::ElasticLoadBalancingV2::LoadBalancer",
	"FileSystemId": "AWS::EFS::FileSystem", "DBProxyName": "AWS::RDS::DBProxy", "DBClusterIdentifiers": "", "DBInstanceIdentifiers": "",
}

// addDoubts files the resources of which it is open whether they are there, or
// what they belong to, for what their rows leave unsaid.
func (d *deployment) addDoubts() {
	for _, l := range d.stacks {
		for _, r := range l.resources {
			if r.row == nil || !l.exists(r) {
				continue
			}
			if b := r.row.bearing(); b != exact && b != none {
				l.addDoubt(r, b)
			}
		}
	}
	slices.SortStableFunc(d.spec.Doubts, func(a, b cloud.Doubt) int { return strings.Compare(a.Name, b.Name) })
}

func (l *loader) addDoubt(r *resource, b bearing) {
	out := cloud.Doubt{Meta: r.Meta, Network: inNetwork(r.Type), Aside: b == aside}
	if gap, open := l.doubt(r); open {
		out.Gap = cloud.Gap{Because: gap.Text, At: gap.At}
		if b == onOthers {
			out.Of = l.refersTo(r)
		}
		l.spec.Doubts = append(l.spec.Doubts, out)
		return
	}
	of, gap, open := l.openHome(r)
	if !open {
		return
	}
	out.Gap, out.Adds, out.Of = gap, b == onItself, append(of, l.refersTo(r)...)
	l.spec.Doubts = append(l.spec.Doubts, out)
}

// openHome says of a resource with an open ID whom it may belong to.
func (l *loader) openHome(r *resource) (of []string, g cloud.Gap, found bool) {
	for _, e := range l.props(r).Entries {
		types, listed := belongs[e.Key]
		open, is := e.Value.FirstUnknown()
		if !listed || !is || failed(open.Text) {
			continue
		}
		if !found {
			g, found = gap(open), true
		}
		for typ := range strings.FieldsSeq(types) {
			for _, m := range l.byRow[l.byType[typ]] {
				if m.l.exists(m.r) && m.r != r {
					of = append(of, m.r.Name)
				}
			}
		}
	}
	return of, g, found
}

// refersTo are the names of what a resource refers to, and of what that only
// ties together in its turn.
func (l *loader) refersTo(r *resource) []string {
	var out []string
	for todo := []step{{l, r}}; len(todo) > 0; todo = todo[1:] {
		c := collector{l: todo[0].l}
		c.collect(todo[0].r.raw)
		for _, s := range c.steps {
			if s.r == nil || slices.Contains(out, s.r.Name) {
				continue
			}
			out = append(out, s.r.Name)
			if s.r.row != nil && s.r.row.bearing() == onOthers {
				todo = append(todo, s)
			}
		}
	}
	return out
}
