// Package sam turns an AWS SAM template into the CloudFormation template that
// AWS makes of it: the transform AWS::Serverless-2016-10-31.
//
//	document.Read -> source.Node
//	  -> expand      !Ref, !GetAtt, !Sub ... become the long forms
//	  -> implicit    APIs that have no definition get one; events without an API share one
//	  -> globals     the Globals section joins each resource's properties
//	  -> embedded    Connectors attributes become connectors
//	  -> functions, state machines, APIs, the rest: each becomes its resources
//	  -> connectors  policies and permissions between what there is now
//	  -> references  !Ref Function.Alias, and layers whose logical ID has changed
//	-> source.Node -> cfn
//
// The rule it obeys: every generated resource and property points at the SAM
// line that a person would edit for it. It is pure: the region is an option,
// nothing is packaged or looked up, and a hash in a logical ID depends on the
// template alone. Logical IDs are those of AWS, but for one: the hash of an
// AWS::ApiGateway::Deployment, which AWS takes over a rendering of its own of
// the API's definition.
//
// What is wrong is refused by name, with a diagnostic, never dropped and never
// guessed. What is right, but not here, is passed on with a warning, for the
// reader of the outcome to call unknown: an AWS managed policy whose ARN is not
// in the table, and the template of an application in the Serverless Application
// Repository.
//
// Neighbours: cfn/document below makes the Node, cfn above evaluates what comes
// out. What each property means:
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
package sam
