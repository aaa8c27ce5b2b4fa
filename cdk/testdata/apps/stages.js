// The same stack in two stages, each with a nested assembly of its own.
const path = require("path");
const { App, Stack, Stage, aws_ec2: ec2, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
for (const [name, region] of [["Staging", "eu-west-1"], ["Production", "eu-west-1"], ["Disaster", "eu-central-1"]]) {
  const stage = new Stage(app, name, { env: { account: "111122223333", region } });
  const stack = new Stack(stage, "Service");
  const vpc = new ec2.Vpc(stack, "Vpc", { availabilityZones: [region + "a"], natGateways: name === "Production" ? 1 : 0 });
  new lambda.Function(stack, "Worker", {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: "index.handler",
    code: lambda.Code.fromAsset(path.join(__dirname, "handler")),
    vpc,
    vpcSubnets: { subnets: name === "Production" ? vpc.privateSubnets : vpc.isolatedSubnets },
  });
}
app.synth();
