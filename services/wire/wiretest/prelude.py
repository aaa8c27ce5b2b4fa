# Calls the services at argv[1] with boto3 and prints, one JSON line a step,
# what an application sees: the parsed result, or the exception. Keys and region
# come from the environment. The steps follow.
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


def client(name, **more):
    return boto3.client(name, **{"endpoint_url": sys.argv[1], "config": config, **more})


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


