// The architecture of template.yaml with the CDK's own constructs.
const { App, Stack, Duration, aws_ec2: ec2, aws_iam: iam, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const stack = new Stack(app, "Formats", { env: { account: "123456789012", region: "us-west-2" } });
const vpc = new ec2.Vpc(stack, "Vpc", {
  availabilityZones: ["us-west-2a", "us-west-2b"],
  restrictDefaultSecurityGroup: false,
  subnetConfiguration: [{ name: "isolated", subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
});
const group = (id, description) => new ec2.SecurityGroup(stack, id, { vpc, description });
const readers = group("ReaderGroup", "the reader");
const stores = group("StoreGroup", "the store");
const store = new ec2.CfnInstance(stack, "Store", {
  imageId: "ami-0abcdef1234567890",
  instanceType: "t3.micro",
  subnetId: vpc.isolatedSubnets[1].subnetId,
  securityGroupIds: [stores.securityGroupId],
});
stores.addIngressRule(readers, ec2.Port.tcp(5432));
vpc.addInterfaceEndpoint("Ssm", {
  service: ec2.InterfaceVpcEndpointAwsService.SSM,
  securityGroups: [group("EndpointGroup", "the endpoint")],
});
const reader = new lambda.Function(stack, "Reader", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
  timeout: Duration.seconds(10),
  memorySize: 256,
  environment: { STORE: `${store.attrPrivateIp}:5432` },
  vpc,
  vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  securityGroups: [readers],
});
reader.addToRolePolicy(new iam.PolicyStatement({ actions: ["ssm:GetParameter"], resources: ["*"] }));
app.synth();
