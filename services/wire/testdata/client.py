# Calls the services at argv[1] with boto3 and prints, one JSON line a step,
# what an application sees: the parsed result, or the exception.
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


def client(name, **more):
    arguments = dict(
        endpoint_url=sys.argv[1],
        region_name="us-west-2",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        config=config,
    )
    arguments.update(more)
    return boto3.client(name, **arguments)


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in ("HTTPHeaders", "RetryAttempts", "HostId")}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return value.decode()
    if hasattr(value, "timestamp"):
        return value.timestamp()
    if hasattr(value, "read"):
        return value.read().decode()
    return value


def step(name, call):
    try:
        print(json.dumps({"step": name, "result": plain(call())}))
    except ClientError as e:
        modeled = type(e).__name__
        print(json.dumps({"step": name, "exception": modeled, "response": plain(e.response)}))


ssm, sts, functions = client("ssm"), client("sts"), client("lambda")
step("ssm get", lambda: ssm.get_parameter(Name="/app/url"))
step("ssm missing", lambda: ssm.get_parameter(Name="/app/none"))
step("ssm invalid", lambda: ssm.get_parameter(Name=""))
step("ssm wrong type", lambda: ssm.get_parameter(Name=5))
step("ssm denied", lambda: ssm.delete_parameter(Name="/app/url"))
step("ssm not here", lambda: ssm.create_document(Name="d", Content="{}"))
step("ssm wrong key", lambda: client("ssm", aws_access_key_id="AKIDNOBODY").get_parameter(Name="/app/url"))
step("ssm wrong secret", lambda: client("ssm", aws_secret_access_key="x").get_parameter(Name="/app/url"))
step("ssm token", lambda: client("ssm", aws_session_token="x").get_parameter(Name="/app/url"))
step("sts identity", lambda: sts.get_caller_identity())
step("sts assume", lambda: sts.assume_role(
    RoleArn="arn:aws:iam::123456789012:role/app", RoleSessionName="s", DurationSeconds=900,
    Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2 & 3"}]))
step("sts malformed", lambda: sts.assume_role(RoleArn="x", RoleSessionName="s", DurationSeconds="soon"))
step("sts unsigned", lambda: sts.assume_role_with_web_identity(
    RoleArn="arn:aws:iam::123456789012:role/web", RoleSessionName="s", WebIdentityToken="t"))
step("sts not here", lambda: sts.get_session_token())
step("sts wrong key", lambda: client("sts", aws_access_key_id="AKIDNOBODY").get_caller_identity())
step("sts wrong secret", lambda: client("sts", aws_secret_access_key="x").get_caller_identity())
step("lambda invoke", lambda: functions.invoke(FunctionName="f", Payload=b'{"n": 1}', Qualifier="live"))
step("lambda arn", lambda: functions.invoke(
    FunctionName="arn:aws:lambda:us-west-2:123456789012:function:f", Payload=b"{}"))
step("lambda event", lambda: functions.invoke(FunctionName="f", InvocationType="Event", Payload=b"{}"))
step("lambda missing", lambda: functions.invoke(FunctionName="none", Payload=b"{}"))
step("lambda throttled", lambda: functions.invoke(FunctionName="busy", Payload=b"{}"))
step("lambda broken", lambda: functions.invoke(FunctionName="broken", Payload=b"{}"))
step("lambda wrong key", lambda: client("lambda", aws_access_key_id="AKIDNOBODY").invoke(FunctionName="f"))
step("lambda not here", lambda: functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1))
step("lambda listed", lambda: functions.delete_function(FunctionName="f"))
step("dynamodb", lambda: client("dynamodb").get_item(TableName="t", Key={}))
step("sqs", lambda: client("sqs").list_queues())
step("iam", lambda: client("iam").list_users())
