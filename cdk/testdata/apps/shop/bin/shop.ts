import { App } from "aws-cdk-lib";
import { Shop } from "../lib/shop";

const app = new App();
new Shop(app, `Shop-${app.node.tryGetContext("shop:stage")}`, {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});
