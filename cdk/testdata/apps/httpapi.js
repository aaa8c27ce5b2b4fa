// An HTTP API with each kind of authorizer: a JWT of any issuer, a Cognito user
// pool, a function, IAM; and a route for everyone.
const { App, Stack, aws_apigatewayv2: apigatewayv2, aws_apigatewayv2_authorizers: authorizers,
  aws_apigatewayv2_integrations: integrations, aws_cognito: cognito, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const stack = new Stack(app, "HttpApi");
const fn = (id) => new lambda.Function(stack, id, {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
});
const pool = new cognito.UserPool(stack, "Pool");
const hello = fn("Hello");
const api = new apigatewayv2.HttpApi(stack, "Api", { corsPreflight: { allowOrigins: ["https://example.com"] } });
for (const [path, authorizer] of Object.entries({
  "/jwt": new authorizers.HttpJwtAuthorizer("Jwt", "https://issuer.example.com", { jwtAudience: ["orders"] }),
  "/pool": new authorizers.HttpUserPoolAuthorizer("UserPool", pool),
  "/function": new authorizers.HttpLambdaAuthorizer("Function", fn("Authorize"), { responseTypes: [authorizers.HttpLambdaResponseType.SIMPLE] }),
  "/iam": new authorizers.HttpIamAuthorizer(),
  "/open": undefined,
})) {
  api.addRoutes({
    path,
    methods: [apigatewayv2.HttpMethod.GET],
    integration: new integrations.HttpLambdaIntegration("Integration" + path.slice(1), hello),
    authorizer,
  });
}
app.synth();
