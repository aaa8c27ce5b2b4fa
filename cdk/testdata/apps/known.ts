// A VPC that a look-up has told: its answer lies in the context, as
// cdk.context.json keeps it.
import { App, Stack, aws_ec2 as ec2, aws_lambda as lambda } from "aws-cdk-lib";

const subnet = (id: string, zone: string, cidr: string) => ({ subnetId: id, availabilityZone: zone, routeTableId: "rtb-0a1", cidr });
const app = new App({
  context: {
    "vpc-provider:account=111122223333:filter.vpc-id=vpc-0abc:region=us-west-2:returnAsymmetricSubnets=true": {
      vpcId: "vpc-0abc",
      vpcCidrBlock: "10.9.0.0/16",
      ownerAccountId: "111122223333",
      availabilityZones: [],
      subnetGroups: [{ name: "Private", type: "Private", subnets: [
        subnet("subnet-0a", "us-west-2a", "10.9.1.0/24"), subnet("subnet-0b", "us-west-2b", "10.9.2.0/24")] }],
    },
  },
});
const stack = new Stack(app, "Known", { env: { account: "111122223333", region: "us-west-2" } });
const vpc = ec2.Vpc.fromLookup(stack, "Vpc", { vpcId: "vpc-0abc" });
new lambda.Function(stack, "Worker", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
  vpc,
});
app.synth();
