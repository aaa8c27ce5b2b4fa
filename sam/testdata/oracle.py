"""Transforms SAM templates with aws-sam-translator, for the tests of package sam.

Reads one JSON object a line, {"template", "region", "parameters"}, and answers
each with a line {"template"}, {"errors": [text]} or {"crash": text}.
"""
import json
import logging
import sys

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.plugins.application.serverless_app_plugin import ServerlessAppPlugin

logging.disable(logging.CRITICAL)


def repository(self, call, logical_id, application, version, *rest):
    """Stands for the Serverless Application Repository, where no one asks it."""
    return {"ApplicationId": application, "Status": "ACTIVE", "TemplateId": "t", "TemplateUrl": f"{application}@{version}"}


ServerlessAppPlugin._sar_service_call = repository
for line in sys.stdin:
    case = json.loads(line)
    session = boto3.session.Session(region_name=case["region"])
    try:
        made = Translator(None, Parser(), boto_session=session).translate(case["template"], case["parameters"])
        answer = {"template": made}
    except InvalidDocumentException as refused:
        answer = {"errors": [cause.message for cause in refused.causes]}
    except Exception as crash:  # noqa: BLE001 the oracle itself fails on some bad input
        answer = {"crash": "%s: %s" % (type(crash).__name__, crash)}
    print(json.dumps(answer), flush=True)
