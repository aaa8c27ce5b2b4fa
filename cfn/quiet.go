package cfn

import "strings"

// quietRows are the types that change no answer: nothing reaches anything
// through them, nobody is let in or kept out by them. Their properties are not
// looked at.
func quietRows() []*row {
	var rows []*row
	for t := range strings.FieldsSeq(`
		AWS::CDK::Metadata
		AWS::CloudFormation::WaitCondition AWS::CloudFormation::WaitConditionHandle
		AWS::CloudWatch::Alarm AWS::CloudWatch::CompositeAlarm AWS::CloudWatch::Dashboard
		AWS::CodeDeploy::Application AWS::CodeDeploy::DeploymentConfig AWS::CodeDeploy::DeploymentGroup
		AWS::Logs::MetricFilter AWS::Logs::QueryDefinition
		AWS::ResourceGroups::Group AWS::SSM::Document
		AWS::Signer::SigningProfile AWS::XRay::Group AWS::XRay::SamplingRule`) {
		rows = append(rows, &row{Type: t, quiet: true})
	}
	return rows
}
