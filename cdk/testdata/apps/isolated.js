// A function in isolated subnets: an interface endpoint for ssm, a gateway
// endpoint for s3, and no way out. Its code is inline.
const { App, Stack, aws_ec2: ec2, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const stack = new Stack(app, "Isolated", { env: { account: "111122223333", region: "eu-west-1" } });
const vpc = new ec2.Vpc(stack, "Vpc", {
  availabilityZones: ["eu-west-1a", "eu-west-1b"],
  natGateways: 0,
  restrictDefaultSecurityGroup: false,
  subnetConfiguration: [{ name: "isolated", subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
});
vpc.addInterfaceEndpoint("Ssm", { service: ec2.InterfaceVpcEndpointAwsService.SSM });
new lambda.Function(stack, "Reader", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
  vpc,
  vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
});
app.synth();
