// A pipeline in the account of the tools, which deploys the same stack to a
// stage in each of two accounts: one has a NAT gateway, the other none.
import { App, Environment, Stack, Stage, aws_ec2 as ec2, aws_lambda as lambda, pipelines } from "aws-cdk-lib";
import { Construct } from "constructs";

class Service extends Stage {
  constructor(scope: Construct, id: string, env: Environment, natGateways: number) {
    super(scope, id, { env });
    const stack = new Stack(this, "Service");
    const vpc = new ec2.Vpc(stack, "Vpc", {
      availabilityZones: [env.region + "a", env.region + "b"],
      natGateways,
      restrictDefaultSecurityGroup: false,
    });
    new lambda.Function(stack, "Worker", {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: "bootstrap",
      code: lambda.Code.fromAsset(__dirname + "/handler"),
      vpc,
      vpcSubnets: { subnetType: natGateways > 0 ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED },
    });
  }
}

const app = new App();
const tools = new Stack(app, "Tools", { env: { account: "111122223333", region: "eu-west-1" } });
const pipeline = new pipelines.CodePipeline(tools, "Pipeline", {
  crossAccountKeys: true,
  synth: new pipelines.ShellStep("Synth", {
    input: pipelines.CodePipelineSource.connection("example/app", "main", {
      connectionArn: "arn:aws:codeconnections:eu-west-1:111122223333:connection/1",
    }),
    commands: ["npx cdk synth"],
  }),
});
pipeline.addStage(new Service(app, "Staging", { account: "222233334444", region: "eu-west-1" }, 0));
pipeline.addStage(new Service(app, "Production", { account: "333344445555", region: "eu-central-1" }, 1));
app.synth();
