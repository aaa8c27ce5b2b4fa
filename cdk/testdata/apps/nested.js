// A nested stack with the network, its sibling with the function, and in the
// parent a rule between them.
const { App, Stack, NestedStack, aws_ec2: ec2, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const root = new Stack(app, "Root");
const network = new NestedStack(root, "Network");
const vpc = new ec2.Vpc(network, "Vpc", { maxAzs: 2, natGateways: 1 });
const service = new NestedStack(root, "Service");
const fn = new lambda.Function(service, "Worker", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
  vpc,
});
const store = new ec2.SecurityGroup(root, "Store", { vpc });
store.connections.allowFrom(fn, ec2.Port.tcp(5432));
app.synth();
