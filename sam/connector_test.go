package sam

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// connected has a resource of each type that connectors join.
const connected = `Resources:
  Function: {Type: AWS::Serverless::Function, Properties: {Handler: a, Runtime: b, InlineCode: x}}
  StateMachine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: s3://b/k}}
  Table: {Type: AWS::Serverless::SimpleTable}
  Bucket: {Type: AWS::S3::Bucket}
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  EventBus: {Type: AWS::Events::EventBus, Properties: {Name: b}}
  PlaceIndex: {Type: AWS::Location::PlaceIndex}
  RestApi: {Type: AWS::Serverless::Api, Properties: {StageName: s, DefinitionUri: s3://b/k}}
  Api: {Type: AWS::ApiGatewayV2::Api}
  GraphQLApi: {Type: AWS::AppSync::GraphQLApi}
  DataSource: {Type: AWS::AppSync::DataSource, Properties: {ServiceRoleArn: !GetAtt Role.Arn}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets: [{Arn: !GetAtt EventBus.Arn, RoleArn: !GetAtt Role.Arn}, {Arn: !Ref StateMachine, RoleArn: !GetAtt Role.Arn}]
  Role: {Type: AWS::IAM::Role}
  TableMapping: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Table.StreamArn}}
  QueueMapping: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}}
`

// attributes are all that an end may be given by.
const given = "Arn: !Sub 'arn:${AWS::Region}', RoleName: role, QueueUrl: url, ResourceId: !Ref Api, Name: name, Qualifier: Prod/GET/a"

// connectorTemplate joins every pair by every combination of permissions, by
// the ends' IDs and by their attributes. It gives the number of connectors too.
func connectorTemplate() (text string, count int) {
	var b strings.Builder
	b.WriteString(connected)
	links := connectorProfiles()
	all := make([]link, 0, len(links))
	for l := range links {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b link) int {
		return strings.Compare(a.source+" "+a.destination, b.source+" "+b.destination)
	})
	end := func(kind string, byID bool) string {
		if byID {
			return "{Id: " + kind[strings.LastIndex(kind, ":")+1:] + "}"
		}
		return "{Type: " + kind + ", " + given + "}"
	}
	for _, l := range all {
		for _, permissions := range combinations(links[l]) {
			for _, byID := range []bool{true, false} {
				count++
				fmt.Fprintf(&b, "  C%d: {Type: AWS::Serverless::Connector, Properties: {Source: %s, Destination: %s, Permissions: [%s]}}\n",
					count, end(l.source, byID), end(l.destination, byID), permissions)
			}
		}
	}
	return b.String(), count
}

// combinations are the Permissions that a profile takes.
func combinations(p profile) []string {
	var out []string
	for _, all := range p.together {
		out = append(out, strings.Join(all, ", "))
	}
	if out != nil {
		return out
	}
	for _, a := range p.accesses {
		out = append(out, a.name)
	}
	if len(out) > 1 {
		out = append(out, strings.Join(out, ", "))
	}
	return out
}

// Every connector grants what AWS's own does.
func TestConnectorsAgainstOracle(t *testing.T) {
	text, count := connectorTemplate()
	doc := read(t, "connectors.yaml", text)
	got, diags := transform(doc)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	marked := 0
	for _, e := range get(got, "Resources").Entries {
		if has(get(e.Value, "Metadata"), "aws:sam:connectors") {
			marked++
		}
	}
	if marked != count {
		t.Errorf("%d resources of %d connectors", marked, count)
	}
	if answers, ok := askOracle(t, []question{ask(doc)}); ok && judge(t, "connectors", got, diags, answers[0]) {
		t.Logf("%d connectors equal", count)
	}
}

// A pair that no profile joins is refused, in every direction.
func TestConnectorsThatCannotBe(t *testing.T) {
	links, kinds := connectorProfiles(), map[string]bool{}
	for l := range links {
		kinds[l.source], kinds[l.destination] = true, true
	}
	for source := range kinds {
		for destination := range kinds {
			if _, ok := links[link{source, destination}]; ok {
				continue
			}
			_, diags := transform(read(t, "t.yaml", fmt.Sprintf("Resources:\n  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Type: %s, %s}, Destination: {Type: %s, %s}, Permissions: [Write]}}\n",
				source, given, destination, given)))
			if !diags.HasErrors() || !strings.Contains(diags[0].Summary, source) {
				t.Errorf("%s to %s: %v", source, destination, diags)
			}
		}
	}
}
