package ssm_test

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/ssm"
	"bailey/services/store"
	"bailey/services/wire/wiretest"
	"bailey/source"
)

var at = time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)

// parameter declares a parameter as a template does.
func parameter(name, kind, value string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Parameters = append(s.Parameters, cloud.Parameter{
			Meta: cloud.Meta{Name: "P" + name}, ParamName: name, Kind: kind, Value: cloud.Known(value)})
	}
}

func openParameter(name, because string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Parameters = append(s.Parameters, cloud.Parameter{
			Meta: cloud.Meta{Name: "P" + name}, ParamName: name, Kind: "String",
			Value: cloud.Unknown[string](because, source.Span{File: "template.yaml", Line: 7})})
	}
}

// start opens the parameters in dir and deploys m.
func start(t testing.TB, dir string, m *cloud.Model) *ssm.Parameters {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p, err := ssm.New(ssm.Config{Store: s, Model: func() *cloud.Model { return m }, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func serve(t testing.TB, changes ...func(*cloud.Spec)) *World {
	t.Helper()
	m := Model(t, changes...)
	return Serve(t, m, start(t, t.TempDir(), m).Service())
}

const prelude = `
ssm = client("ssm")
put, get, names = ssm.put_parameter, ssm.get_parameter, lambda r: [p["Name"] for p in r["Parameters"]]
`

func shown(name, kind, value, version string) string {
	return `{"Name": "` + name + `", "Type": "` + kind + `", "Value": "` + value + `", "Version": ` + version +
		`, "LastModifiedDate": 1772884800.0, "ARN": "arn:aws:ssm:us-west-2:123456789012:parameter/` + strings.TrimPrefix(name, "/") +
		`", "DataType": "text"}`
}

func selected(name, kind, value, version, selector string) string {
	return strings.TrimSuffix(shown(name, kind, value, version), "}") + `, "Selector": "` + selector + `"}`
}

func TestGet(t *testing.T) {
	w := serve(t, parameter("/app/url", "String", "https://x/?a=<1>&b"), parameter("plain", "StringList", "a,b"),
		openParameter("/app/open", "parameter Secret has no value"))
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
step("template", lambda: get(Name="/app/url"))
step("plain", lambda: get(Name="plain"))
put(Name="/app/url", Value="two", Overwrite=True)
step("latest", lambda: get(Name="/app/url"))
step("version", lambda: get(Name="/app/url:1"))
step("no version", lambda: get(Name="/app/url:3"))
step("label", lambda: get(Name="/app/url:live"))
arn = "arn:aws:ssm:us-west-2:123456789012:parameter/"
step("arn", lambda: get(Name=arn + "app/url"))
step("arn and version", lambda: get(Name=arn + "app/url:1"))
step("arn of one level", lambda: get(Name=arn + "plain"))
step("arn elsewhere", lambda: get(Name="arn:aws:ssm:us-west-2:210987654321:parameter/app/url"))
step("missing", lambda: get(Name="/app/none"))
step("slash matters", lambda: get(Name="app/url"))
step("open", lambda: get(Name="/app/open"))
step("empty", lambda: get(Name=""))
step("type", lambda: get(Name=["/app/url"]))
step("many", lambda: ssm.get_parameters(Names=["plain", "/app/none", "/app/url:1", "plain", "/app/url:9"]))
step("none", lambda: ssm.get_parameters(Names=[]))
step("eleven", lambda: ssm.get_parameters(Names=[str(n) for n in range(11)]))
step("region", lambda: client("ssm", region_name="eu-west-1").get_parameter(Name="/app/url"))
`)
	one := func(parameter string) string { return `result {"Parameter": ` + parameter + `} 200` }
	wiretest.Compare(t, got, map[string]string{
		"template":         one(shown("/app/url", "String", "https://x/?a=<1>&b", "1")),
		"plain":            one(shown("plain", "StringList", "a,b", "1")),
		"latest":           one(shown("/app/url", "String", "two", "2")),
		"version":          one(selected("/app/url", "String", "https://x/?a=<1>&b", "1", ":1")),
		"no version":       `ParameterVersionNotFound: Systems Manager could not find version 3 of /app/url. Verify the version and try again. 400`,
		"label":            `ParameterVersionNotFound: Systems Manager could not find version live of /app/url. Verify the version and try again. 400`,
		"arn":              one(shown("/app/url", "String", "two", "2")),
		"arn and version":  one(selected("/app/url", "String", "https://x/?a=<1>&b", "1", ":1")),
		"arn of one level": one(shown("plain", "StringList", "a,b", "1")),
		"arn elsewhere":    `AccessDeniedException: User: arn:aws:iam::123456789012:root is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-west-2:210987654321:parameter/app/url because no resource-based policy allows the ssm:GetParameter action 400`,
		"missing":          `ParameterNotFound: Parameter /app/none not found. 400`,
		"slash matters":    `ParameterNotFound: Parameter app/url not found. 400`,
		"open":             `ParameterNotFound: Parameter /app/open has no value: parameter Secret has no value (template.yaml:7) 400`,
		"empty":            `ValidationException: 1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1 400`,
		"type":             `SerializationException: Start of list found where not expected: a String is 400`,
		"many": `result {"Parameters": [` + shown("plain", "StringList", "a,b", "1") + `,` + selected("/app/url", "String", "https://x/?a=<1>&b", "1", ":1") +
			`], "InvalidParameters": ["/app/none", "/app/url:9"]} 200`,
		"none":   `ValidationException: 1 validation error detected: Value '[]' at 'names' failed to satisfy constraint: Member must have length between 1 and 10 400`,
		"eleven": `ValidationException: 1 validation error detected: Value '[0 1 2 3 4 5 6 7 8 9 10]' at 'names' failed to satisfy constraint: Member must have length between 1 and 10 400`,
		"region": `InvalidSignatureException: Credential should be scoped to a valid region, not 'eu-west-1'. bailey's world stands in us-west-2: set AWS_REGION to it 400`,
	})
}

func TestPut(t *testing.T) {
	got := wiretest.Boto3(t, serve(t).URL, Host(), prelude+`
step("new", lambda: put(Name="/a/b", Value="1", Type="String"))
step("again", lambda: put(Name="/a/b", Value="2", Type="String"))
step("overwrite", lambda: put(Name="/a/b", Value="2", Overwrite=True))
step("another type", lambda: put(Name="/a/b", Value="2", Type="StringList", Overwrite=True))
step("no type", lambda: put(Name="/a/c", Value="1"))
step("bad type", lambda: put(Name="/a/c", Value="1", Type="Number"))
step("empty", lambda: put(Name="/a/c", Value="", Type="String"))
step("nested", lambda: put(Name="/a/c", Value="x{{ssm:/a/b}}", Type="String"))
step("4096", lambda: put(Name="/a/4096", Value="x" * 4096, Type="String"))
step("4097", lambda: put(Name="/a/4097", Value="x" * 4097, Type="String"))
step("4097 advanced", lambda: put(Name="/a/4097", Value="x" * 4097, Type="String", Tier="Advanced"))
step("8193 advanced", lambda: put(Name="/a/8193", Value="x" * 8193, Type="String", Tier="Advanced"))
step("4097 intelligent", lambda: put(Name="/a/i", Value="x" * 4097, Type="String", Tier="Intelligent-Tiering"))
step("advanced stays", lambda: put(Name="/a/i", Value="x", Overwrite=True))
step("downgrade", lambda: put(Name="/a/i", Value="x", Overwrite=True, Tier="Standard"))
step("pattern", lambda: put(Name="/a/p", Value="12", Type="String", AllowedPattern="\\d+"))
step("no match", lambda: put(Name="/a/q", Value="12x", Type="String", AllowedPattern="\\d+"))
step("no pattern", lambda: put(Name="/a/q", Value="12", Type="String", AllowedPattern="("))
step("tags", lambda: put(Name="/a/q", Value="1", Type="String", Tags=[{"Key": "k", "Value": "v"}]))
step("policies", lambda: put(Name="/a/q", Value="1", Type="String", Policies="[]"))
step("data type", lambda: put(Name="/a/q", Value="1", Type="String", DataType="aws:ec2:image"))
step("own key", lambda: put(Name="/a/q", Value="1", Type="SecureString", KeyId="alias/mine"))
step("key of a String", lambda: put(Name="/a/q", Value="1", Type="String", KeyId="alias/aws/ssm"))
for name in ["a", "aws", "/AWS/x", "ssm-x", "/ssm/x", "a b", "/a/b c", "a/b", "/a/", "//a", "/" + "/".join("a" * 15), "/" + "/".join("a" * 16)]:
    step("name " + name, lambda: put(Name=name, Value="1", Type="String"))
step("spaces around", lambda: put(Name="  /a/spaces ", Value="1", Type="String"))
step("spaces are gone", lambda: {"Name": get(Name="/a/spaces")["Parameter"]["Name"], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
before = len("arn:aws:ssm:us-west-2:123456789012:parameter")
step("longest", lambda: put(Name="/" + "a" * (1011 - before - 1), Value="1", Type="String"))
step("too long", lambda: put(Name="/" + "a" * (1011 - before), Value="1", Type="String"))
`)
	put := func(version, tier string) string {
		return `result {"Version": ` + version + `, "Tier": "` + tier + `"} 200`
	}
	refused := func(code, message string) string { return code + ": " + message + " 400" }
	invalid := func(message string) string { return "ValidationException: " + message + " 400" }
	notHere := func(what string) string {
		return "UnknownOperationException: bailey does not have " + what + " yet 400"
	}
	const upgrade = " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, " +
		"see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
	badPath := invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ` +
		`sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`)
	badName := invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). Only a mix of letters, numbers and the following 3 symbols .-_ are allowed.`)
	wiretest.Compare(t, got, map[string]string{
		"new":              put("1", "Standard"),
		"again":            refused("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."),
		"overwrite":        put("2", "Standard"),
		"another type":     refused("HierarchyTypeMismatchException", "The parameter /a/b has the type String. A parameter's type can't be changed: delete it and create it anew."),
		"no type":          invalid("A parameter type is required when you create a parameter."),
		"bad type":         invalid("1 validation error detected: Value 'Number' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]"),
		"empty":            invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1"),
		"nested":           invalid(`Parameter value can't nest another parameter. Do not use "{{}}" in the value.`),
		"4096":             put("1", "Standard"),
		"4097":             invalid("Standard tier parameters support a maximum parameter value of 4096 characters." + upgrade),
		"4097 advanced":    put("1", "Advanced"),
		"8193 advanced":    invalid("Advanced tier parameters support a maximum parameter value of 8192 characters."),
		"4097 intelligent": put("1", "Advanced"),
		"advanced stays":   put("2", "Advanced"),
		"downgrade": invalid("This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the " +
			"standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter."),
		"pattern":         put("1", "Standard"),
		"no match":        refused("ParameterPatternMismatchException", `Parameter value, cannot be validated against allowedPattern: \d+`),
		"no pattern":      refused("InvalidAllowedPatternException", "The request does not meet the regular expression requirement: error parsing regexp: missing closing ): `^(?:()$`"),
		"tags":            notHere("ssm:PutParameter with Tags"),
		"policies":        notHere("ssm:PutParameter with Policies"),
		"data type":       notHere("ssm:PutParameter with DataType aws:ec2:image"),
		"own key":         notHere("the KMS key alias/mine: only alias/aws/ssm"),
		"key of a String": invalid("KeyId is for parameters of type SecureString, /a/q has the type String."),

		"spaces around":   put("1", "Standard"),
		"spaces are gone": `result {"Name": "/a/spaces"} 200`,
		"longest":         put("1", "Standard"),
		"too long":        invalid("Parameter name: the maximum length is 1011 characters, those of the ARN that come before the name among them."),

		"name a":      put("1", "Standard"),
		"name aws":    `AccessDeniedException: No access to reserved parameter name: aws. 400`,
		"name /AWS/x": `AccessDeniedException: No access to reserved parameter name: /AWS/x. 400`,
		"name ssm-x":  badName,
		"name /ssm/x": badPath,
		"name a b":    badName,
		"name /a/b c": badPath,
		"name a/b":    invalid("Parameter name must be a fully qualified name."),
		"name /a/":    invalid("Parameter name must not end with slash."),
		"name //a":    badPath,
		"name /" + strings.Repeat("a/", 14) + "a": put("1", "Standard"),
		"name /" + strings.Repeat("a/", 15) + "a": refused("HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of 15 levels, /"+strings.Repeat("a/", 15)+"a has more."),
	})
}

func TestSecureString(t *testing.T) {
	dir := t.TempDir()
	m := Model(t, parameter("/app/declared", "SecureString", "needle-in-template"))
	w := Serve(t, m, start(t, dir, m).Service())
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
step("put", lambda: put(Name="/app/secret", Value="needle-in-call", Type="SecureString"))
step("decrypted", lambda: get(Name="/app/secret", WithDecryption=True))
step("declared", lambda: get(Name="/app/declared", WithDecryption=True))
step("encrypted", lambda: get(Name="/app/secret"))
def described():
    r = ssm.describe_parameters(ParameterFilters=[{"Key": "KeyId", "Values": ["alias/aws/ssm"]}])
    for p in r["Parameters"]: # older clients do not know it
        arn = "arn:aws:ssm:us-west-2:123456789012:parameter" + p["Name"]
        assert p.pop("ARN", arn) == arn
    return r
step("described", described)
`)
	encrypted := got["encrypted"]
	parameter, _ := encrypted.Result["Parameter"].(map[string]any)
	value, _ := parameter["Value"].(string)
	if raw, err := base64.StdEncoding.DecodeString(value); err != nil || len(raw) < 28 || strings.Contains(string(raw), "needle") {
		t.Errorf("not a ciphertext: %s", encrypted)
	}
	delete(got, "encrypted")
	described := func(name, by string) string {
		return `{"Name": "` + name + `", "Type": "SecureString", "KeyId": "alias/aws/ssm",
			"LastModifiedDate": 1772884800.0, "LastModifiedUser": "` + by + `", "Version": 1, "Tier": "Standard", "Policies": [], "DataType": "text"}`
	}
	const root = "arn:aws:iam::123456789012:root"
	wiretest.Compare(t, got, map[string]string{
		"put":       `result {"Version": 1, "Tier": "Standard"} 200`,
		"decrypted": `result {"Parameter": ` + shown("/app/secret", "SecureString", "needle-in-call", "1") + `} 200`,
		"declared":  `result {"Parameter": ` + shown("/app/declared", "SecureString", "needle-in-template", "1") + `} 200`,
		"described": `result {"Parameters": [` + described("/app/declared", root) + `,` + described("/app/secret", root) + `]} 200`,
	})
	if file, err := os.ReadFile(dir + "/" + store.FileName); err != nil || strings.Contains(string(file), "needle") {
		t.Errorf("a secret stands in the clear on disk (%v)", err)
	}
}

func TestListAndDelete(t *testing.T) {
	got := wiretest.Boto3(t, serve(t).URL, Host(), prelude+`
for name in ["/a/1", "/a/2", "/a/b/3", "/ab", "/z/a/1", "top"]:
    put(Name=name, Value=name, Type="StringList" if name == "/a/2" else "String")
def by_path(**more):
    r = ssm.get_parameters_by_path(**more)
    return {"names": names(r), **({"NextToken": r["NextToken"]} if "NextToken" in r else {}), "ResponseMetadata": r["ResponseMetadata"]}
def describe(**more):
    r = ssm.describe_parameters(**more)
    return {"names": names(r), "ResponseMetadata": r["ResponseMetadata"]}
def pages(operation, **more):
    found = [names(p) for p in ssm.get_paginator(operation).paginate(**more)]
    return {"pages": found, "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}}
where = lambda key, option, *values: [{"Key": key, **({"Option": option} if option else {}), "Values": list(values)}]
step("one level", lambda: by_path(Path="/a"))
step("trailing slash", lambda: by_path(Path="/a/"))
step("recursive", lambda: by_path(Path="/a", Recursive=True))
step("root", lambda: by_path(Path="/"))
step("nothing", lambda: by_path(Path="/none"))
step("not a path", lambda: by_path(Path="a"))
step("type", lambda: by_path(Path="/a", ParameterFilters=where("Type", None, "StringList")))
step("name is no filter", lambda: by_path(Path="/a", ParameterFilters=where("Name", None, "/a/1")))
step("label", lambda: by_path(Path="/a", ParameterFilters=where("Label", None, "live")))
step("max results", lambda: by_path(Path="/a", MaxResults=11))
step("pages by path", lambda: pages("get_parameters_by_path", Path="/", Recursive=True, PaginationConfig={"PageSize": 2}))
step("bad token", lambda: by_path(Path="/a", NextToken="x"))
step("describe", lambda: describe())
step("name", lambda: describe(ParameterFilters=where("Name", None, "/ab", "top")))
step("begins", lambda: describe(ParameterFilters=where("Name", "BeginsWith", "/a/")))
step("contains", lambda: describe(ParameterFilters=where("Name", "Contains", "1")))
step("path", lambda: describe(ParameterFilters=where("Path", "OneLevel", "/a")))
step("path and type", lambda: describe(ParameterFilters=where("Path", "Recursive", "/a") + where("Type", "Equals", "String")))
step("tier", lambda: describe(ParameterFilters=where("Tier", None, "Advanced")))
step("pages", lambda: pages("describe_parameters", PaginationConfig={"PageSize": 4}))
step("bad option", lambda: describe(ParameterFilters=where("Type", "Contains", "S")))
step("bad key", lambda: describe(ParameterFilters=where("Colour", None, "S")))
step("no values", lambda: describe(ParameterFilters=where("Name", None)))
step("twice", lambda: describe(ParameterFilters=where("Name", None, "a") + where("Name", None, "b")))
step("tag", lambda: describe(ParameterFilters=where("tag:team", None, "x")))
step("old filters", lambda: describe(Filters=[{"Key": "Name", "Values": ["x"]}]))
step("delete", lambda: ssm.delete_parameter(Name="/a/1"))
step("delete again", lambda: ssm.delete_parameter(Name="/a/1"))
step("delete many", lambda: ssm.delete_parameters(Names=["/a/2", "/none"]))
step("left", lambda: describe())
step("history", lambda: ssm.get_parameter_history(Name="/ab"))
step("tagging", lambda: ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="/ab", Tags=[]))
step("a document", lambda: ssm.list_documents())
`)
	named := func(list string) string { return `result {"names": [` + list + `]} 200` }
	notHere := func(what string) string {
		return "UnknownOperationException: bailey does not have " + what + " yet 400"
	}
	wiretest.Compare(t, got, map[string]string{
		"one level":      named(`"/a/1", "/a/2"`),
		"trailing slash": named(`"/a/1", "/a/2"`),
		"recursive":      named(`"/a/1", "/a/2", "/a/b/3"`),
		"root":           named(`"/ab"`),
		"nothing":        named(``),
		"not a path": `ValidationException: The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". ` +
			`It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). ` +
			`Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_. 400`,
		"type":              named(`"/a/2"`),
		"name is no filter": `InvalidFilterKey: The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId, Label]. 400`,
		"label":             notHere("the parameter filter Label"),
		"max results":       `ValidationException: 1 validation error detected: Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10 400`,
		"pages by path":     `result {"pages": [["/a/1", "/a/2"], ["/a/b/3", "/ab"], ["/z/a/1"]]} 200`,
		"bad token":         `InvalidNextToken: The specified token is not valid. 400`,
		"describe":          named(`"/a/1", "/a/2", "/a/b/3", "/ab", "/z/a/1", "top"`),
		"name":              named(`"/ab", "top"`),
		"begins":            named(`"/a/1", "/a/2", "/a/b/3"`),
		"contains":          named(`"/a/1", "/z/a/1"`),
		"path":              named(`"/a/1", "/a/2"`),
		"path and type":     named(`"/a/1", "/a/b/3"`),
		"tier":              named(``),
		"pages":             `result {"pages": [["/a/1", "/a/2", "/a/b/3", "/ab"], ["/z/a/1", "top"]]} 200`,
		"bad option":        `InvalidFilterOption: The following filter option is not valid: Contains. Valid options include: [Equals, BeginsWith]. 400`,
		"bad key":           `InvalidFilterKey: The following filter key is not valid: Colour. Valid filter keys include: [Name, Type, KeyId, Path, Label, Tier, DataType]. 400`,
		"no values":         `InvalidFilterValue: The following filter values are missing : null for filter key Name 400`,
		"twice":             `ValidationException: The following filter is duplicated in the request: Name. A request can contain only one occurrence of a specific filter. 400`,
		"tag":               notHere("the parameter filter tag:team"),
		"old filters":       notHere("ssm:DescribeParameters with Filters, which ParameterFilters replaced"),
		"delete":            `result {} 200`,
		"delete again":      `ParameterNotFound: Parameter /a/1 not found. 400`,
		"delete many":       `result {"DeletedParameters": ["/a/2"], "InvalidParameters": ["/none"]} 200`,
		"left":              named(`"/a/b/3", "/ab", "/z/a/1", "top"`),
		"history":           notHere("ssm:GetParameterHistory"),
		"tagging":           notHere("ssm:AddTagsToResource"),
		"a document":        notHere("ssm:ListDocuments"),
	})
}

func TestCLI(t *testing.T) {
	w := serve(t, parameter("/app/url", "String", "hello"))
	run := func(want string, args ...string) {
		t.Helper()
		if out, _ := wiretest.AWS(t, w.URL, Host(), append([]string{"ssm"}, args...)...); !strings.Contains(out, want) {
			t.Errorf("aws ssm %s:\n%s\nwant %s", strings.Join(args, " "), out, want)
		}
	}
	run("hello", "get-parameter", "--name", "/app/url", "--query", "Parameter.Value", "--output", "text")
	run("(ParameterNotFound) when calling the GetParameter operation: Parameter /none not found.", "get-parameter", "--name", "/none")
	run(`"Version": 2`, "put-parameter", "--name", "/app/url", "--value", "there", "--overwrite")
	run("there", "get-parameters-by-path", "--path", "/app", "--query", "Parameters[].Value", "--output", "text")
	run("(UnknownOperationException) when calling the ListDocuments operation: bailey does not have ssm:ListDocuments", "list-documents")
}
