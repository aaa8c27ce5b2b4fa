"""Holds a table of calls, given as JSON, against botocore's models of the services."""
import json, re, sys
import botocore.session

session = botocore.session.get_session()
wrong = []


def walk(where, shape, fields, ec2):
    for f in fields:
        at = where + "." + f["Name"]
        member = shape.members.get(f["Name"])
        if member is None:
            wrong.append(f"{at}: there is no such field")
            continue
        element = member.serialization.get("name", f["Name"])
        if element != f["Element"]:
            wrong.append(f"{at}: its element is {element}, not {f['Element']}")
        kind, is_a = f["Kind"], member.type_name
        fits = {"": ("string", "timestamp"), "b": ("boolean",), "i": ("integer", "long"), "d": ("string",), "n": ("double", "float"), "m": ("map",), "{": ("structure",), "[": ("list",)}
        if is_a not in fits[kind]:
            wrong.append(f"{at}: it is a {is_a}, not {kind or 'text'}")
            continue
        if kind == "{":
            walk(at, member, f["Inner"] or [], ec2)
        if kind == "[":
            if bool(member.serialization.get("flattened")) != f["Flat"]:
                wrong.append(f"{at}: whether the list is flattened")
            inner = member.member
            if (inner.type_name == "structure") != bool(f["Inner"]):
                wrong.append(f"{at}: a list of {inner.type_name}")
            elif f["Inner"]:
                walk(at, inner, f["Inner"], ec2)


for c in json.load(sys.stdin):
    at = c["Service"] + " " + c["Command"]
    model = session.get_service_model(c["Service"].removesuffix("api"))
    try:
        op = model.operation_model(c["Operation"])
    except Exception:
        wrong.append(f"{at}: there is no operation {c['Operation']}")
        continue
    meta = model.metadata
    ec2 = meta["protocol"] == "ec2"
    if c["Version"] and c["Version"] not in (model.api_version, meta.get("targetPrefix")):
        wrong.append(f"{at}: the version is {model.api_version}, the prefix {meta.get('targetPrefix')}")
    if c["JSON"] and c["JSON"] != meta.get("jsonVersion"):
        wrong.append(f"{at}: JSON is of version {meta.get('jsonVersion')}")
    if c["Host"] != meta["endpointPrefix"]:
        wrong.append(f"{at}: the host is {meta['endpointPrefix']}")
    if c["Host"] != meta.get("signingName", meta["endpointPrefix"]):
        wrong.append(f"{at}: it is signed for {meta.get('signingName')}")
    if c["Path"]:
        uri = re.sub(r"\{[^}]*\}", "{}", op.http["requestUri"]).rstrip("/")
        own = re.sub(r"\{[^}]*\}", "{}", c["Path"])
        if c["Service"] == "route53":
            own = own.replace("2013-04-01{}", "2013-04-01/hostedzone/{}")
        if uri != own or op.http["method"] != "GET":
            wrong.append(f"{at}: {op.http['method']} {uri}, not {own}")
    inputs = set()
    for name, member in (op.input_shape.members.items() if op.input_shape else []):
        inputs |= {name.lower(), member.serialization.get("name", name).lower(), member.serialization.get("queryName", name).lower()}
    for name in c["Inputs"] or []:
        if name.split(".")[0].lower() not in inputs:
            wrong.append(f"{at}: there is no input {name}")
    for name in [c["Key"]] + (c["Tokens"] or []):
        if name not in op.output_shape.members:
            wrong.append(f"{at}: there is no {name} in the answer")
    if c["Fields"]:
        walk(at, op.output_shape, c["Fields"], ec2)
print("\n".join(wrong))
