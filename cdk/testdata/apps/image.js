// A function from a Docker image, one from a zip file, one under the legacy
// synthesizer.
const path = require("path");
const { App, Stack, LegacyStackSynthesizer, aws_lambda: lambda } = require("aws-cdk-lib");

const app = new App();
const stack = new Stack(app, "Assets");
new lambda.DockerImageFunction(stack, "Image", {
  code: lambda.DockerImageCode.fromImageAsset(path.join(__dirname, "image")),
});
const zip = (scope, id, file) => new lambda.Function(scope, id, {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromAsset(path.join(__dirname, file)),
});
zip(stack, "Zip", "handler.zip");
zip(new Stack(app, "Legacy", { synthesizer: new LegacyStackSynthesizer() }), "Old", "handler");
app.synth();
