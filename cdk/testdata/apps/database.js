// A PostgreSQL instance with a proxy and a rotated secret, used by a function.
const { App, Stack, aws_ec2: ec2, aws_lambda: lambda, aws_rds: rds } = require("aws-cdk-lib");

const app = new App();
const stack = new Stack(app, "Data", { env: { account: "111122223333", region: "us-west-2" } });
const vpc = new ec2.Vpc(stack, "Vpc", { availabilityZones: ["us-west-2a", "us-west-2b"], natGateways: 1 });
const database = new rds.DatabaseInstance(stack, "Database", {
  vpc,
  engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
  credentials: rds.Credentials.fromGeneratedSecret("app"),
});
database.addRotationSingleUser();
const proxy = database.addProxy("Proxy", { vpc, secrets: [database.secret] });
const fn = new lambda.Function(stack, "Query", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline("exports.handler = async () => 1;"),
  vpc,
  environment: { DATABASE_HOST: proxy.endpoint },
});
proxy.connections.allowFrom(fn, ec2.Port.tcp(5432));
proxy.grantConnect(fn, "app");
app.synth();
