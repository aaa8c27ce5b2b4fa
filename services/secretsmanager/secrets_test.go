package secretsmanager_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/secretsmanager"
	"bailey/services/store"
	"bailey/services/wire/wiretest"
	"bailey/source"
)

var at = time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)

// declared declares a secret as a template does.
func declared(name, value string, more ...func(*cloud.Secret)) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		d := cloud.Secret{Meta: cloud.Meta{Name: "S" + name}, SecretName: name, Value: cloud.Known(value),
			ARN: cloud.ARN{Partition: "aws", Service: "secretsmanager", Region: Region, Account: Account, Resource: "secret:" + name + "-AbCdEf"}}
		for _, f := range more {
			f(&d)
		}
		s.Secrets = append(s.Secrets, d)
	}
}

// recipe makes a declared secret's value up.
func recipe(template, key string, length int) func(*cloud.Secret) {
	return func(d *cloud.Secret) {
		d.Value = cloud.Unknown[string]("it is generated", source.Span{})
		d.Generate = &cloud.SecretRecipe{Template: template, Key: key, Length: length, Exclude: `"@/\`, Lower: true, Upper: true, Numbers: true, Symbols: true, Each: true}
	}
}

func open(d *cloud.Secret) {
	d.Value = cloud.Unknown[string]("parameter Password has no value", source.Span{File: "t.yaml", Line: 4})
}

func start(t testing.TB, dir string, m *cloud.Model) *secretsmanager.Secrets {
	t.Helper()
	return startAt(t, dir, m, func() time.Time { return at })
}

func startAt(t testing.TB, dir string, m *cloud.Model, now func() time.Time) *secretsmanager.Secrets {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	x, err := secretsmanager.New(secretsmanager.Config{Store: s, Model: func() *cloud.Model { return m }, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func serve(t testing.TB, changes ...func(*cloud.Spec)) *World {
	t.Helper()
	m := Model(t, changes...)
	s := start(t, t.TempDir(), m)
	return ServeWith(t, m, s.Policies, s.Service())
}

// Steps see a secret's random parts by their shapes, and times as numbers.
const prelude = `
import datetime, re
sm = client("secretsmanager")
v = lambda n: "00000000-0000-0000-0000-00000000000" + str(n)
def plain(x):
    if isinstance(x, dict): return {plain(k): plain(y) for k, y in x.items() if k != "ResponseMetadata"} | ({"ResponseMetadata": x["ResponseMetadata"]} if "ResponseMetadata" in x else {})
    if isinstance(x, list): return [plain(y) for y in x]
    if isinstance(x, datetime.datetime): return int(x.timestamp()) - 1772884800
    if isinstance(x, str): return re.sub("^arn:aws:secretsmanager:us-west-2:123456789012:secret:(.*)-(AbCdEf|[A-Za-z0-9]{6})$", "ARN \\1", x)
    return x
def see(name, call): step(name, lambda: plain(call()))
def get(id, **more): return sm.get_secret_value(SecretId=id, **more)
`

func TestValues(t *testing.T) {
	w := serve(t, declared("db", `{"user": "u"}`), declared("later", "", open))
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
step("declared", lambda: {"SecretString": get("db")["SecretString"], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
see("open", lambda: get("later"))
see("create", lambda: sm.create_secret(Name="app/key", SecretString="one", ClientRequestToken=v(1), Description="a key", Tags=[{"Key": "k", "Value": "v"}]))
see("same again", lambda: sm.create_secret(Name="app/key", SecretString="one", ClientRequestToken=v(1)))
see("exists", lambda: sm.create_secret(Name="app/key", SecretString="two"))
see("get", lambda: get("app/key"))
arn = sm.describe_secret(SecretId="app/key")["ARN"]
see("by arn", lambda: get(arn))
see("by partial arn", lambda: get(arn[:-7]))
see("by another arn", lambda: get(arn[:-1]))
see("put", lambda: sm.put_secret_value(SecretId="app/key", SecretString="two", ClientRequestToken=v(2)))
see("put again", lambda: sm.put_secret_value(SecretId="app/key", SecretString="two", ClientRequestToken=v(2)))
see("put otherwise", lambda: sm.put_secret_value(SecretId=arn, SecretString="three", ClientRequestToken=v(2)))
see("current", lambda: get("app/key"))
see("previous", lambda: get("app/key", VersionStage="AWSPREVIOUS"))
see("version", lambda: get("app/key", VersionId=v(1)))
see("version and stage", lambda: get("app/key", VersionId=v(1), VersionStage="AWSCURRENT"))
see("pending", lambda: sm.put_secret_value(SecretId="app/key", SecretBinary=b"\x00\xff", ClientRequestToken=v(3), VersionStages=["AWSPENDING"]))
see("binary", lambda: {k: x.hex() if k == "SecretBinary" else x for k, x in get("app/key", VersionStage="AWSPENDING").items()})
see("no stage", lambda: get("app/key", VersionStage="NONE"))
see("no version", lambda: get("app/key", VersionId=v(9)))
see("move", lambda: sm.update_secret_version_stage(SecretId="app/key", VersionStage="AWSCURRENT", MoveToVersionId=v(3), RemoveFromVersionId=v(2)))
see("move unsaid", lambda: sm.update_secret_version_stage(SecretId="app/key", VersionStage="AWSCURRENT", MoveToVersionId=v(1)))
see("remove current", lambda: sm.update_secret_version_stage(SecretId="app/key", VersionStage="AWSCURRENT", RemoveFromVersionId=v(3)))
see("described", lambda: sm.describe_secret(SecretId="app/key"))
see("versions", lambda: {"n": len(sm.list_secret_version_ids(SecretId="app/key")["Versions"]), "all": len(sm.list_secret_version_ids(SecretId="app/key", IncludeDeprecated=True)["Versions"]), "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
see("update", lambda: sm.update_secret(SecretId="app/key", SecretString="four", ClientRequestToken=v(4), Description="another"))
see("missing", lambda: get("none"))
see("both", lambda: sm.put_secret_value(SecretId="app/key", SecretString="x", SecretBinary=b"x"))
see("neither", lambda: sm.put_secret_value(SecretId="app/key"))
see("bad name", lambda: sm.create_secret(Name="a b", SecretString="x"))
see("no value", lambda: sm.create_secret(Name="empty"))
see("get no value", lambda: get("empty"))
see("batch", lambda: {k: sorted(x.get("Name", "") + x.get("SecretId", "") + " " + x.get("ErrorCode", "") for x in y) if k in ("SecretValues", "Errors") else y for k, y in sm.batch_get_secret_value(SecretIdList=["db", "none", "app/key"]).items()})
see("list", lambda: {"names": [x["Name"] for x in sm.list_secrets(Filters=[{"Key": "name", "Values": ["app", "d"]}])["SecretList"]], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
see("replicas", lambda: sm.create_secret(Name="r", SecretString="x", AddReplicaRegions=[{"Region": "eu-west-1"}]))
see("rotate", lambda: sm.rotate_secret(SecretId="db"))
`)
	value := func(text, version, stages string) string {
		return `result {"ARN": "ARN app/key", "Name": "app/key", "VersionId": "00000000-0000-0000-0000-00000000000` + version + `", "SecretString": "` + text +
			`", "VersionStages": [` + stages + `], "CreatedDate": 0} 200`
	}
	written := func(version string) string {
		return `result {"ARN": "ARN app/key", "Name": "app/key", "VersionId": "00000000-0000-0000-0000-00000000000` + version + `"} 200`
	}
	put := strings.TrimSuffix(written("2"), "} 200") + `, "VersionStages": ["AWSCURRENT"]} 200`
	const named = `result {"ARN": "ARN app/key", "Name": "app/key"} 200`
	const absent = "ResourceNotFoundException: Secrets Manager can't find the specified secret"
	wiretest.Compare(t, got, map[string]string{
		"declared":          `result {"SecretString": "{\"user\": \"u\"}"} 200`,
		"open":              absent + " value for staging label: AWSCURRENT (parameter Password has no value (t.yaml:4)) 400",
		"create":            written("1"),
		"same again":        written("1"),
		"exists":            "ResourceExistsException: The operation failed because the secret app/key already exists. 400",
		"get":               value("one", "1", `"AWSCURRENT"`),
		"by arn":            value("one", "1", `"AWSCURRENT"`),
		"by partial arn":    value("one", "1", `"AWSCURRENT"`),
		"by another arn":    absent + ". 400",
		"put":               put,
		"put again":         put,
		"put otherwise":     got["put otherwise"].String(), // its ARN is random; see below
		"current":           value("two", "2", `"AWSCURRENT"`),
		"previous":          value("one", "1", `"AWSPREVIOUS"`),
		"version":           value("one", "1", `"AWSPREVIOUS"`),
		"version and stage": "InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId. 400",
		"pending":           strings.TrimSuffix(written("3"), "} 200") + `, "VersionStages": ["AWSPENDING"]} 200`,
		"binary": `result {"ARN": "ARN app/key", "Name": "app/key", "VersionId": "00000000-0000-0000-0000-000000000003", "SecretBinary": "00ff",
			"VersionStages": ["AWSPENDING"], "CreatedDate": 0} 200`,
		"no stage":       absent + " value for staging label: NONE 400",
		"no version":     absent + " value for VersionId: 00000000-0000-0000-0000-000000000009 400",
		"move":           named,
		"move unsaid":    "InvalidParameterException: The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version 00000000-0000-0000-0000-000000000003, so you must explicitly reference that version in RemoveFromVersionId. 400",
		"remove current": "InvalidParameterException: You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed. 400",
		"described": `result {"ARN": "ARN app/key", "Name": "app/key", "Description": "a key", "Tags": [{"Key": "k", "Value": "v"}], "CreatedDate": 0, "LastChangedDate": 0,
			"VersionIdsToStages": {"00000000-0000-0000-0000-000000000002": ["AWSPREVIOUS"], "00000000-0000-0000-0000-000000000003": ["AWSPENDING", "AWSCURRENT"]}} 200`,
		"versions":     `result {"n": 2, "all": 3} 200`,
		"update":       written("4"),
		"missing":      absent + ". 400",
		"both":         "InvalidParameterException: You can't specify both a binary secret value and a string secret value in the same secret. 400",
		"neither":      "InvalidRequestException: You must provide either SecretString or SecretBinary. 400",
		"bad name":     "ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@! 400",
		"no value":     `result {"ARN": "ARN empty", "Name": "empty"} 200`,
		"get no value": absent + " value for staging label: AWSCURRENT 400",
		"batch":        `result {"SecretValues": ["app/key ", "db "], "Errors": ["none ResourceNotFoundException"]} 200`,
		"list":         `result {"names": ["app/key", "db"]} 200`,
		"replicas":     "UnknownOperationException: bailey does not have secretsmanager:CreateSecret with AddReplicaRegions yet 400",
		"rotate":       "UnknownOperationException: bailey does not have secretsmanager:RotateSecret yet 400",
	})
	if o := got["put otherwise"].String(); !strings.HasPrefix(o, "ResourceExistsException: You can't use ClientRequestToken 00000000-0000-0000-0000-000000000002 because that value is already in use for a version of secret arn:") {
		t.Error(o)
	}
}

func TestVersionsComeInPages(t *testing.T) {
	got := wiretest.Boto3(t, serve(t).URL, Host(), prelude+`
sm.create_secret(Name="s", SecretString="1", ClientRequestToken=v(1))
for n in range(2, 6):
    sm.put_secret_value(SecretId="s", SecretString=str(n), ClientRequestToken=v(n), VersionStages=["L" + str(n)])
def page(**more):
    r = sm.list_secret_version_ids(SecretId="s", **more)
    return {"n": "".join(x["VersionId"][-1] for x in r["Versions"]), "more": "NextToken" in r, "token": r.get("NextToken"), "ResponseMetadata": r["ResponseMetadata"]}
def see(name, **more): step(name, lambda: {k: x for k, x in page(**more).items() if k != "token"})
see("all")
see("two", MaxResults=2)
see("next", MaxResults=2, NextToken=page(MaxResults=2)["token"])
see("last", MaxResults=2, NextToken=page(MaxResults=4)["token"])
see("exact", MaxResults=5)
see("none", MaxResults=0)
see("bad", NextToken="x")
step("21 stages", lambda: sm.put_secret_value(SecretId="s", SecretString="x", VersionStages=[str(n) for n in range(21)]))
`)
	page := func(versions, more string) string {
		return `result {"n": "` + versions + `", "more": ` + more + `} 200`
	}
	wiretest.Compare(t, got, map[string]string{
		"all": page("12345", "false"), "two": page("12", "true"), "next": page("34", "true"), "last": page("5", "false"), "exact": page("12345", "false"),
		"none": "ValidationException: 1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1 400",
		"bad":  "InvalidNextTokenException: Invalid token 400",
		"21 stages": "ValidationException: 1 validation error detected: Value '[0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20]' at 'versionStages' " +
			"failed to satisfy constraint: Member must have length less than or equal to 20 400",
	})
}

// Of more than a hundred versions, those go that have no stage and are older
// than a day.
func TestOldVersionsGo(t *testing.T) {
	m, now := Model(t), at
	w := Serve(t, m, startAt(t, t.TempDir(), m, func() time.Time { return now }).Service())
	write := func(from, to int) map[string]wiretest.Outcome {
		return wiretest.Boto3(t, w.URL, Host(), fmt.Sprintf(`
sm = client("secretsmanager")
def write():
    for n in range(%d, %d):
        r = (sm.create_secret(Name="s", SecretString="0") if n == 0 else sm.put_secret_value(SecretId="s", SecretString=str(n)))
    return {"n": len(sm.list_secret_version_ids(SecretId="s", IncludeDeprecated=True)["Versions"]), "more": "NextToken" in sm.list_secret_version_ids(SecretId="s", IncludeDeprecated=True), "ResponseMetadata": r["ResponseMetadata"]}
step("write", write)
`, from, to))
	}
	wiretest.Compare(t, write(0, 104), map[string]string{"write": `result {"n": 100, "more": true} 200`})
	now = now.Add(25 * time.Hour)
	wiretest.Compare(t, write(104, 105), map[string]string{"write": `result {"n": 100, "more": false} 200`})
}

func TestDeleteAndRestore(t *testing.T) {
	got := wiretest.Boto3(t, serve(t, declared("db", "x")).URL, Host(), prelude+`
see("window", lambda: sm.delete_secret(SecretId="db", RecoveryWindowInDays=6))
see("both", lambda: sm.delete_secret(SecretId="db", RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=True))
see("delete", lambda: sm.delete_secret(SecretId="db", RecoveryWindowInDays=7))
see("again", lambda: sm.delete_secret(SecretId="db"))
see("get", lambda: get("db"))
see("put", lambda: sm.put_secret_value(SecretId="db", SecretString="y"))
see("create", lambda: sm.create_secret(Name="db", SecretString="y"))
see("described", lambda: {"DeletedDate": plain(sm.describe_secret(SecretId="db"))["DeletedDate"], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
see("listed", lambda: {"n": len(sm.list_secrets()["SecretList"]), "planned": len(sm.list_secrets(IncludePlannedDeletion=True)["SecretList"]), "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
see("restore", lambda: sm.restore_secret(SecretId="db"))
see("restored", lambda: {"SecretString": get("db")["SecretString"], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
see("force", lambda: sm.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True))
see("gone", lambda: get("db"))
see("force none", lambda: {k: x for k, x in sm.delete_secret(SecretId="none", ForceDeleteWithoutRecovery=True).items() if k != "ARN"})
see("tag", lambda: sm.tag_resource(SecretId="db", Tags=[]))
`)
	const marked = "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion. 400"
	wiretest.Compare(t, got, map[string]string{
		"window":     "InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days (inclusive). 400",
		"both":       "InvalidParameterException: You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays. 400",
		"delete":     `result {"ARN": "ARN db", "Name": "db", "DeletionDate": 604800} 200`,
		"again":      "InvalidRequestException: You tried to perform the operation on a secret that's currently marked deleted. 400",
		"get":        marked,
		"put":        marked,
		"create":     "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion. 400",
		"described":  `result {"DeletedDate": 0} 200`,
		"listed":     `result {"n": 0, "planned": 1} 200`,
		"restore":    `result {"ARN": "ARN db", "Name": "db"} 200`,
		"restored":   `result {"SecretString": "x"} 200`,
		"force":      `result {"ARN": "ARN db", "Name": "db", "DeletionDate": 0} 200`,
		"gone":       "ResourceNotFoundException: Secrets Manager can't find the specified secret. 400",
		"force none": `result {"Name": "none", "DeletionDate": 0} 200`,
		"tag":        "ResourceNotFoundException: Secrets Manager can't find the specified secret. 400",
	})
}

func TestRandomPassword(t *testing.T) {
	got := wiretest.Boto3(t, serve(t).URL, Host(), prelude+`
import string
ok = {"ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}}
def pw(**more): return sm.get_random_password(**more)["RandomPassword"]
def classes(p): return [len(p), any(c in string.ascii_lowercase for c in p), any(c in string.ascii_uppercase for c in p), any(c in string.digits for c in p), any(c in string.punctuation for c in p)]
step("default", lambda: {"is": classes(pw()), **ok})
step("digits", lambda: {"is": classes(pw(PasswordLength=8, ExcludePunctuation=True, ExcludeUppercase=True, ExcludeLowercase=True)), **ok})
step("each", lambda: {"all": all(classes(pw(PasswordLength=4))[1:] == [True] * 4 for _ in range(5)), **ok})
step("excluded", lambda: {"is": any(c in pw(PasswordLength=4096, ExcludeCharacters="abc\"@/") for c in "abc\"@/"), **ok})
step("differs", lambda: {"is": pw() != pw(), **ok})
step("nothing left", lambda: pw(ExcludePunctuation=True, ExcludeUppercase=True, ExcludeLowercase=True, ExcludeNumbers=True))
step("too short", lambda: pw(PasswordLength=3))
step("too long", lambda: pw(PasswordLength=4097))
`)
	wiretest.Compare(t, got, map[string]string{
		"default":      `result {"is": [32, true, true, true, true]} 200`,
		"digits":       `result {"is": [8, false, false, true, false]} 200`,
		"each":         `result {"all": true} 200`,
		"excluded":     `result {"is": false} 200`,
		"differs":      `result {"is": true} 200`,
		"nothing left": "InvalidParameterException: Your exclusions leave no characters of which a password could be made. 400",
		"too short":    "InvalidParameterException: The password length must be at least 4 to have a character of each included type. 400",
		"too long":     "ValidationException: 1 validation error detected: Value '4097' at 'passwordLength' failed to satisfy constraint: Member must have value less than or equal to 4096 400",
	})
}

// Identity policies, the secret's own policy and its key decide together.
func TestIAM(t *testing.T) {
	const arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:"
	key := func(s *cloud.Spec) {
		s.Keys = append(s.Keys, cloud.Key{Meta: cloud.Meta{Name: "Key"}, KeyID: "1234", ARN: cloud.ARN{Partition: "aws", Service: "kms", Region: Region, Account: Account, Resource: "key/1234"}})
	}
	keyed := func(d *cloud.Secret) { d.Key = cloud.Known("1234") }
	denies := func(d *cloud.Secret) {
		p := Policy("", `{"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Principal": {"AWS": "arn:aws:iam::123456789012:role/app"}}`)
		d.Policy = &p
	}
	admits := func(d *cloud.Secret) {
		p := Policy("", `{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Principal": {"AWS": "arn:aws:iam::123456789012:role/bare"}}`)
		d.Policy = &p
	}
	w := serve(t, key, declared("app/one", "1"), declared("app/keyed", "2", keyed), declared("app/denied", "3", denies), declared("other", "4", admits),
		Role("app", Allow("secretsmanager:*", arn+"app/*-??????")), Role("keys", Allow("secretsmanager:GetSecretValue", "*"), Allow("kms:Decrypt", "arn:aws:kms:us-west-2:123456789012:key/1234")),
		Role("bare"), Role("stage", `{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": {"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}}`))
	steps := prelude + `
see("one", lambda: get("app/one"))
see("keyed", lambda: get("app/keyed"))
see("denied", lambda: get("app/denied"))
see("other", lambda: get("other"))
see("previous", lambda: get("app/one", VersionStage="AWSPREVIOUS"))
see("create", lambda: sm.create_secret(Name="app/new", SecretString="x"))
`
	allowed := map[string]string{
		"app":   "one",
		"keys":  "one keyed denied other",
		"bare":  "other",
		"stage": "one denied other",
	}
	refusals := map[string]string{
		"app keyed":  "kms:Decrypt on resource: arn:aws:kms:us-west-2:123456789012:key/1234",
		"app denied": "secretsmanager:GetSecretValue on resource: " + arn + "app/denied-AbCdEf with an explicit deny in a resource-based policy",
		"app other":  "secretsmanager:GetSecretValue on resource: " + arn + "other-AbCdEf because no identity-based policy", "app create": "secretsmanager:CreateSecret on resource: " + arn + "app/new",
		"stage previous": "secretsmanager:GetSecretValue", "bare one": "secretsmanager:GetSecretValue",
	}
	for role, can := range allowed {
		for step, o := range wiretest.Boto3(t, w.URL, w.Function(role), steps) {
			passed := strings.HasPrefix(o.String(), "result ")
			if wanted := strings.Contains(" "+can+" ", " "+step+" "); passed != wanted && step != "previous" {
				t.Errorf("%s %s: %s", role, step, o)
			}
			if want := refusals[role+" "+step]; !strings.Contains(o.String(), want) {
				t.Errorf("%s %s: %s\nwant %s", role, step, o, want)
			}
		}
	}
}

// A policy that a call put decides from then on.
func TestPutResourcePolicy(t *testing.T) {
	w := serve(t, declared("db", "x"), Role("bare"))
	policy, _ := json.Marshal(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/bare"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}`)
	read := func() string {
		return wiretest.Boto3(t, w.URL, w.Function("bare"), prelude+`see("get", lambda: get("db"))`)["get"].String()
	}
	if o := read(); !strings.HasPrefix(o, "AccessDeniedException") {
		t.Error(o)
	}
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
see("put", lambda: sm.put_resource_policy(SecretId="db", ResourcePolicy=`+string(policy)+`))
see("bad", lambda: sm.put_resource_policy(SecretId="db", ResourcePolicy="{"))
step("get", lambda: {"same": sm.get_resource_policy(SecretId="db")["ResourcePolicy"] == `+string(policy)+`, "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
`)
	if o := got["put"].String() + got["get"].String(); strings.Count(o, "result ") != 2 || !strings.Contains(o, `"same":true`) {
		t.Error(o)
	}
	if o := got["bad"].String(); !strings.HasPrefix(o, "MalformedPolicyDocumentException: This resource policy contains a syntax error") {
		t.Error(o)
	}
	if o := read(); !strings.HasPrefix(o, "result ") {
		t.Error(o)
	}
}

func TestCLI(t *testing.T) {
	w := serve(t)
	if out, err := wiretest.AWS(t, w.URL, Host(), "secretsmanager", "create-secret", "--name", "cli", "--secret-string", "from the shell"); err != nil {
		t.Fatal(out)
	}
	out, err := wiretest.AWS(t, w.URL, Host(), "secretsmanager", "get-secret-value", "--secret-id", "cli", "--query", "SecretString", "--output", "text")
	if err != nil || strings.TrimSpace(out) != "from the shell" {
		t.Errorf("%s %v", out, err)
	}
}
