// An HTTP API whose route asks for a JWT.
const { App, Stack, aws_apigatewayv2: apigatewayv2, aws_apigatewayv2_authorizers: authorizers,
  aws_apigatewayv2_integrations: integrations, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const stack = new Stack(app, "HttpApi");
const fn = new lambda.Function(stack, "Hello", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
});
const api = new apigatewayv2.HttpApi(stack, "Api");
api.addRoutes({
  path: "/orders",
  methods: [apigatewayv2.HttpMethod.GET],
  integration: new integrations.HttpLambdaIntegration("Integration", fn),
  authorizer: new authorizers.HttpJwtAuthorizer("Jwt", "https://issuer.example.com", { jwtAudience: ["orders"] }),
});
app.synth();
