// A VPC that only a look-up in the account would tell.
const { App, Stack, aws_ec2: ec2, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const stack = new Stack(app, "Lookup", { env: { account: "111122223333", region: "us-west-2" } });
const vpc = ec2.Vpc.fromLookup(stack, "Vpc", { isDefault: true });
new lambda.Function(stack, "Worker", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
  vpc,
  vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
  allowPublicSubnet: true,
});
app.synth();
