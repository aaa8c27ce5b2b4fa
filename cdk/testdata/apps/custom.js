// A custom resource with its provider, whose attribute the function reads; and
// a VPC whose default security group CDK empties by a custom resource.
const { App, Stack, CustomResource, custom_resources: cr, aws_ec2: ec2, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App({ context: { "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": true } });
const stack = new Stack(app, "Custom", { analyticsReporting: true });
new ec2.Vpc(stack, "Vpc", { maxAzs: 2, natGateways: 1 });
const inline = (id) => new lambda.Function(stack, id, {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
});
const provider = new cr.Provider(stack, "Provider", { onEventHandler: inline("OnEvent") });
const seed = new CustomResource(stack, "Seed", { serviceToken: provider.serviceToken, resourceType: "Custom::Seed" });
inline("Reader").addEnvironment("SEED", seed.getAttString("Value"));
app.synth();
