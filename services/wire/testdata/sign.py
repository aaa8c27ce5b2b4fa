# Signs requests with botocore. Reads a JSON list of cases from stdin: method,
# url, headers, body (base64), service, region, key, secret, token, time, style
# (header, date, query), and prints for each the request as it goes on the wire.
import base64
import datetime
import json
import sys
import types
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

STYLES = {
    ("header", False): botocore.auth.SigV4Auth,
    ("date", False): botocore.auth.SigV4Auth,
    ("query", False): botocore.auth.SigV4QueryAuth,
    ("header", True): botocore.auth.S3SigV4Auth,
    ("query", True): botocore.auth.S3SigV4QueryAuth,
}


def at_time(at):
    """Sets the signer's clock, which older botocores read for themselves."""
    if hasattr(botocore.auth, "get_current_datetime"):
        return mock.patch("botocore.auth.get_current_datetime", lambda: at)

    class Clock(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return at.replace(tzinfo=None)

    return mock.patch("botocore.auth.datetime", types.SimpleNamespace(datetime=Clock))


def sign(case):
    body = base64.b64decode(case["body"] or "")
    request = AWSRequest(case["method"], case["url"], headers=case["headers"] or {}, data=body)
    if case["style"] == "date":
        request.headers["Date"] = "to be replaced"
    if case["unsigned"]:
        request.context["payload_signing_enabled"] = False
    signer = STYLES[case["style"], case["service"] == "s3"]
    credentials = Credentials(case["key"], case["secret"], case["token"] or None)
    at = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    with at_time(at):
        signer(credentials, case["service"], case["region"]).add_auth(request)
    return {"url": request.url, "headers": list(request.headers.items())}


json.dump([sign(case) for case in json.load(sys.stdin)], sys.stdout)
