// Two stacks: one has the VPC and a security group, the other a function in
// it, which the group lets in.
const { App, Stack, aws_ec2: ec2, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const network = new Stack(app, "Network");
const vpc = new ec2.Vpc(network, "Vpc", { maxAzs: 2, natGateways: 1 });
const store = new ec2.SecurityGroup(network, "Store", { vpc, allowAllOutbound: false });

const service = new Stack(app, "Service");
const fn = new lambda.Function(service, "Worker", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
  vpc,
  environment: { VPC: vpc.vpcId },
});
fn.connections.allowTo(store, ec2.Port.tcp(5432));
app.synth();
