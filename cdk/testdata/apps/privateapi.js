// A private REST API behind an execute-api endpoint, called by a function in the
// VPC.
const { App, Stack, aws_apigateway: apigateway, aws_ec2: ec2, aws_iam: iam, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const stack = new Stack(app, "PrivateApi");
const vpc = new ec2.Vpc(stack, "Vpc", { maxAzs: 2, natGateways: 0 });
const endpoint = vpc.addInterfaceEndpoint("ExecuteApi", { service: ec2.InterfaceVpcEndpointAwsService.APIGATEWAY });
const fn = new lambda.Function(stack, "Hello", {
  runtime: lambda.Runtime.PYTHON_3_13,
  handler: "index.handler",
  code: lambda.Code.fromInline("def handler(event, context): return {'statusCode': 200}"),
});
new lambda.Function(stack, "Client", {
  runtime: lambda.Runtime.PYTHON_3_13,
  handler: "index.handler",
  code: lambda.Code.fromInline("def handler(event, context): return 1"),
  vpc,
  vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
});
new apigateway.LambdaRestApi(stack, "Api", {
  handler: fn,
  endpointConfiguration: { types: [apigateway.EndpointType.PRIVATE], vpcEndpoints: [endpoint] },
  policy: new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        actions: ["execute-api:Invoke"],
        principals: [new iam.AnyPrincipal()],
        resources: ["execute-api:/*"],
        conditions: { StringEquals: { "aws:SourceVpce": endpoint.vpcEndpointId } },
      }),
    ],
  }),
});
app.synth();
