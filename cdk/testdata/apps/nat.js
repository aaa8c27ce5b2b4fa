// A function in the private subnets of the default ec2.Vpc, with its NAT
// gateways.
const { App, Stack, Duration, aws_ec2: ec2, aws_lambda: lambda } = require("aws-cdk-lib");
const path = require("path");

const app = new App();
const stack = new Stack(app, "Nat");
const vpc = new ec2.Vpc(stack, "Vpc");
new lambda.Function(stack, "Caller", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromAsset(path.join(__dirname, "handler")),
  timeout: Duration.seconds(10),
  vpc,
});
app.synth();
