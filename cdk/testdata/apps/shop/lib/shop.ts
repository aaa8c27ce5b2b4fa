// A function in isolated subnets that reads a parameter through an endpoint,
// and one that reads a secret for which there is no way.
import { Annotations, Stack, StackProps, aws_ec2 as ec2, aws_iam as iam, aws_lambda as lambda } from "aws-cdk-lib";
import { Construct } from "constructs";

export class Shop extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, "Vpc", {
      maxAzs: 3,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: "app", subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    vpc.addInterfaceEndpoint("Ssm", { service: ec2.InterfaceVpcEndpointAwsService.SSM });
    this.reader(vpc, "Prices", "ssm:GetParameter");
    this.reader(vpc, "Keys", "secretsmanager:GetSecretValue");
    Annotations.of(this).addWarningV2("shop:zones", "three zones cost three endpoints");
  }

  private reader(vpc: ec2.Vpc, id: string, action: string) {
    const fn = new lambda.Function(this, id, {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: "bootstrap",
      code: lambda.Code.fromAsset(`${__dirname}/../reader`),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    });
    fn.addToRolePolicy(new iam.PolicyStatement({ actions: [action], resources: ["*"] }));
  }
}
