package cognito_test

import (
	"strings"
	"testing"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/wire"
	"bailey/services/wire/wiretest"
)

// serve puts a pool behind a listener, with signatures and IAM enforced.
func serve(t *testing.T, changes ...func(*cloud.Spec)) (*World, *bench) {
	t.Helper()
	b := open(t, t.TempDir(), changes...)
	return Serve(t, b.model, b.pools.Service()), b
}

const prelude = `
idp = client("cognito-idp")
POOL, CLIENT = "` + poolID + `", "` + clientID + `"
def attrs(**kw): return [{"Name": k, "Value": v} for k, v in kw.items()]
def pick(r, *path):
    out = r
    for p in path: out = out[p]
    return {"got": out, "ResponseMetadata": r["ResponseMetadata"]}
def create(name, **more): return idp.admin_create_user(UserPoolId=POOL, Username=name, **more)
def names(r): return {"got": [u["Username"] for u in r["Users"]], "more": "PaginationToken" in r, "ResponseMetadata": r["ResponseMetadata"]}
def sign_in(name, password): return idp.initiate_auth(ClientId=CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": name, "PASSWORD": password})
`

func got(value string) string { return `result {"got": ` + value + `} 200` }

func TestUsersWithBoto3(t *testing.T) {
	w, _ := serve(t, users(withGroup("g", "a group")))
	out := wiretest.Boto3(t, w.URL, Host(), prelude+`
step("create", lambda: pick(create("ada", TemporaryPassword="temporary1", UserAttributes=attrs(email="a@example.com", email_verified="true")), "User", "UserStatus"))
step("create again", lambda: create("ada"))
step("bad password", lambda: create("bob", TemporaryPassword="short"))
step("resend", lambda: pick(create("ada", MessageAction="RESEND"), "User", "UserStatus"))
step("resend to nobody", lambda: create("nobody", MessageAction="RESEND"))
step("set password", lambda: idp.admin_set_user_password(UserPoolId=POOL, Username="ada", Password="right-pass1", Permanent=True))
step("resend too late", lambda: create("ada", MessageAction="RESEND"))
step("status", lambda: pick(idp.admin_get_user(UserPoolId=POOL, Username="ada"), "UserStatus"))
step("nobody", lambda: idp.admin_get_user(UserPoolId=POOL, Username="nobody"))
step("no pool", lambda: idp.admin_get_user(UserPoolId="us-west-2_none", Username="ada"))
step("bad pool", lambda: idp.admin_get_user(UserPoolId="none", Username="ada"))
step("sign in", lambda: pick(sign_in("ada", "right-pass1"), "AuthenticationResult", "TokenType"))
step("wrong password", lambda: sign_in("ada", "wrong-pass1"))
token = sign_in("ada", "right-pass1")["AuthenticationResult"]["AccessToken"]
step("get user", lambda: pick(idp.get_user(AccessToken=token), "Username"))
for n in ["bob", "bill", "eve"]: create(n, MessageAction="SUPPRESS", UserAttributes=attrs(given_name=n.title(), family_name='O"Hara'))
step("disable", lambda: idp.admin_disable_user(UserPoolId=POOL, Username="eve"))
step("list", lambda: names(idp.list_users(UserPoolId=POOL)))
find = lambda f, **more: names(idp.list_users(UserPoolId=POOL, Filter=f, **more))
step("by name", lambda: find('username ^= "b"'))
step("by attribute", lambda: find('given_name = "Bob"'))
step("quoted", lambda: find('family_name = "O\\"Hara"'))
step("by state", lambda: find('cognito:user_status = "CONFIRMED"'))
step("disabled", lambda: find('status = "Disabled"'))
step("nothing", lambda: find('email = "x"'))
step("bad filter", lambda: find('email'))
step("bad attribute", lambda: find('zoneinfo = "x"'))
step("limit", lambda: find("", Limit=2))
step("too many", lambda: find("", Limit=61))
def pages():
    found = [[u["Username"] for u in p["Users"]] for p in idp.get_paginator("list_users").paginate(UserPoolId=POOL, PaginationConfig={"PageSize": 3})]
    return {"pages": found, "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}}
step("pages", pages)
group = dict(UserPoolId=POOL, GroupName="g", Username="ada")
step("add", lambda: idp.admin_add_user_to_group(**group))
step("members", lambda: names(idp.list_users_in_group(UserPoolId=POOL, GroupName="g")))
step("groups", lambda: {"got": [g["GroupName"] for g in idp.admin_list_groups_for_user(UserPoolId=POOL, Username="ada")["Groups"]], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
step("remove", lambda: idp.admin_remove_user_from_group(**group))
step("no group", lambda: idp.admin_add_user_to_group(UserPoolId=POOL, GroupName="none", Username="ada"))
step("group exists", lambda: idp.create_group(UserPoolId=POOL, GroupName="g"))
step("delete", lambda: idp.admin_delete_user(UserPoolId=POOL, Username="ada"))
step("delete again", lambda: idp.admin_delete_user(UserPoolId=POOL, Username="ada"))
step("mfa", lambda: idp.associate_software_token(AccessToken=token))
step("import", lambda: idp.get_csv_header(UserPoolId=POOL))
`)
	found := func(names string, more ...string) string {
		next := "false"
		if len(more) > 0 {
			next = "true"
		}
		return `result {"got": [` + names + `], "more": ` + next + `} 200`
	}
	const none = `result {} 200`
	wiretest.Compare(t, out, map[string]string{
		"create": got(`"FORCE_CHANGE_PASSWORD"`), "create again": "UsernameExistsException: User account already exists 400",
		"bad password": "InvalidPasswordException: Password did not conform with policy: Password not long enough 400",
		"resend":       got(`"FORCE_CHANGE_PASSWORD"`), "resend to nobody": noUser + " 400", "set password": none,
		"resend too late": "UnsupportedUserStateException: Resend not possible. ada status is not FORCE_CHANGE_PASSWORD 400",
		"status":          got(`"CONFIRMED"`), "nobody": noUser + " 400", "no pool": "ResourceNotFoundException: User pool us-west-2_none does not exist. 400",
		"bad pool": "InvalidParameterException: 1 validation error detected: Value 'none' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+ 400",
		"sign in":  got(`"Bearer"`), "wrong password": wrong + " 400", "get user": got(`"ada"`), "disable": none,
		"list": found(`"ada", "bill", "bob", "eve"`), "by name": found(`"bill", "bob"`), "by attribute": found(`"bob"`), "quoted": found(`"bill", "bob", "eve"`),
		"by state": found(`"ada"`), "disabled": found(`"eve"`), "nothing": found(``),
		"bad filter": "InvalidParameterException: Error while parsing filter. 400", "bad attribute": "InvalidParameterException: Invalid search attribute: zoneinfo 400",
		"limit":    found(`"ada", "bill"`, "more"),
		"too many": "InvalidParameterException: 1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60 400",
		"pages":    `result {"pages": [["ada", "bill", "bob"], ["eve"]]} 200`,
		"add":      none, "members": found(`"ada"`), "groups": got(`["g"]`), "remove": none, "no group": "ResourceNotFoundException: Group not found. 400",
		"group exists": "GroupExistsException: A group with the name already exists. 400", "delete": none, "delete again": noUser + " 400",
		"mfa":    "UnknownOperationException: bailey does not have cognito-idp:AssociateSoftwareToken yet 400",
		"import": "UnknownOperationException: bailey does not have cognito-idp:GetCSVHeader yet 400",
	})
}

func TestPoolsWithBoto3(t *testing.T) {
	w, _ := serve(t)
	out := wiretest.Boto3(t, w.URL, Host(), prelude+`
made = idp.create_user_pool(PoolName="made", AutoVerifiedAttributes=["email"], UsernameAttributes=["email"], UsernameConfiguration={"CaseSensitive": False},
    Policies={"PasswordPolicy": {"MinimumLength": 6}}, Schema=[{"Name": "tenant", "AttributeDataType": "String"}])["UserPool"]
POOL = made["Id"]
step("shown", lambda: {"got": [made["Arn"] == "arn:aws:cognito-idp:us-west-2:123456789012:userpool/" + POOL, POOL.startswith("us-west-2_"), len(POOL), made["UsernameConfiguration"],
    made["Policies"]["PasswordPolicy"]["RequireUppercase"], [a["Name"] for a in made["SchemaAttributes"] if a["Name"].startswith("custom:")]], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
step("listed", lambda: {"got": [p["Name"] for p in idp.list_user_pools(MaxResults=10)["UserPools"]], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
step("list needs a number", lambda: idp.list_user_pools())
step("two kinds of names", lambda: idp.create_user_pool(PoolName="x", UsernameAttributes=["email"], AliasAttributes=["email"]))
step("devices", lambda: idp.create_user_pool(PoolName="x", DeviceConfiguration={"ChallengeRequiredOnNewDevice": True}))
c = idp.create_user_pool_client(UserPoolId=POOL, ClientName="app", GenerateSecret=True, AccessTokenValidity=30, TokenValidityUnits={"AccessToken": "minutes"}, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])["UserPoolClient"]
step("client", lambda: {"got": [len(c["ClientId"]), len(c["ClientSecret"]), c["AccessTokenValidity"], c["TokenValidityUnits"]["AccessToken"], c["RefreshTokenValidity"], c["PreventUserExistenceErrors"]], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
step("too long", lambda: idp.create_user_pool_client(UserPoolId=POOL, ClientName="app", AccessTokenValidity=2, TokenValidityUnits={"AccessToken": "days"}))
step("bad flow", lambda: idp.create_user_pool_client(UserPoolId=POOL, ClientName="app", ExplicitAuthFlows=["x"]))
step("update client", lambda: pick(idp.update_user_pool_client(UserPoolId=POOL, ClientId=c["ClientId"], PreventUserExistenceErrors="ENABLED"), "UserPoolClient", "PreventUserExistenceErrors"))
step("clients", lambda: {"got": [x["ClientName"] for x in idp.list_user_pool_clients(UserPoolId=POOL)["UserPoolClients"]], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
step("delete client", lambda: idp.delete_user_pool_client(UserPoolId=POOL, ClientId=c["ClientId"]))
step("describe client", lambda: pick(idp.describe_user_pool_client(UserPoolId=POOL, ClientId=c["ClientId"]), "UserPoolClient", "ClientId") if False else idp.describe_user_pool_client(UserPoolId=POOL, ClientId="gone"))
g = lambda **kw: dict(UserPoolId=POOL, GroupName="g", **kw)
step("group", lambda: pick(idp.create_group(**g(Description="one", Precedence=0)), "Group", "Precedence"))
step("update group", lambda: pick(idp.update_group(**g(Description="two")), "Group", "Description"))
step("groups", lambda: {"got": [(x["GroupName"], x["Precedence"]) for x in idp.list_groups(UserPoolId=POOL)["Groups"]], "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
step("bad precedence", lambda: idp.create_group(UserPoolId=POOL, GroupName="h", Precedence=-1))
idp.admin_create_user(UserPoolId=POOL, Username="a@example.com", UserAttributes=attrs(**{"custom:tenant": "7"}))
idp.admin_add_user_to_group(**g(Username="a@example.com"))
step("delete group", lambda: idp.delete_group(**g()))
step("left", lambda: pick(idp.admin_list_groups_for_user(UserPoolId=POOL, Username="a@example.com"), "Groups"))
step("users", lambda: pick(idp.describe_user_pool(UserPoolId=POOL), "UserPool", "EstimatedNumberOfUsers"))
step("protect", lambda: idp.update_user_pool(UserPoolId=POOL, DeletionProtection="ACTIVE"))
step("protected", lambda: idp.delete_user_pool(UserPoolId=POOL))
idp.update_user_pool(UserPoolId=POOL)
step("delete", lambda: idp.delete_user_pool(UserPoolId=POOL))
step("gone", lambda: {"got": len(idp.list_user_pools(MaxResults=1)["UserPools"]), "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "x"}})
`)
	const none = `result {} 200`
	wiretest.Compare(t, out, map[string]string{
		"shown":               got(`[true, true, 19, {"CaseSensitive": false}, false, ["custom:tenant"]]`),
		"listed":              got(`["made"]`),
		"list needs a number": "InvalidParameterException: 1 validation error detected: Value null at 'maxResults' failed to satisfy constraint: Member must not be null 400",
		"two kinds of names":  "InvalidParameterException: Only one of the aliasAttributes or usernameAttributes can be set in a user pool. 400",
		"devices":             "UnknownOperationException: bailey does not have a user pool with DeviceConfiguration yet 400",
		"client":              got(`[26, 51, 30, "minutes", 30, "LEGACY"]`),
		"too long":            "InvalidParameterException: Invalid range for token validity: Access token has to be valid between 5 minutes and 1 day. 400",
		"bad flow": "InvalidParameterException: 1 validation error detected: Value 'x' at 'explicitAuthFlows' failed to satisfy constraint: Member must satisfy enum value set: " +
			"[ADMIN_NO_SRP_AUTH, CUSTOM_AUTH_FLOW_ONLY, USER_PASSWORD_AUTH, ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_CUSTOM_AUTH, ALLOW_USER_PASSWORD_AUTH, ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH, ALLOW_USER_AUTH] 400",
		"update client": got(`"ENABLED"`), "clients": got(`["app"]`), "delete client": none, "describe client": "ResourceNotFoundException: User pool client gone does not exist. 400",
		"group": got(`0`), "update group": got(`"two"`), "groups": got(`[["g", 0]]`),
		"bad precedence": "InvalidParameterException: 1 validation error detected: Value '-1' at 'precedence' failed to satisfy constraint: Member must have value greater than or equal to 0 400",
		"delete group":   none, "left": got(`[]`), "users": got(`1`), "protect": none,
		"protected": "InvalidParameterException: The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first. 400",
		"delete":    none, "gone": got(`0`),
	})
}

// What a function's role may on a pool, and what needs no role at all.
func TestIAM(t *testing.T) {
	w, _ := serve(t, users(),
		Role("one", Allow("cognito-idp:AdminGetUser", poolARN)),
		Role("other", Allow("cognito-idp:*", poolARN+"X")))
	inside := w.From(wire.Origin{FunctionARN: "arn:aws:lambda:us-west-2:123456789012:function:one"})
	const steps = prelude + `
step("get", lambda: idp.admin_get_user(UserPoolId=POOL, Username="nobody"))
step("create", lambda: create("ada"))
step("list", lambda: idp.list_user_pools(MaxResults=1))
step("sign up", lambda: pick(idp.sign_up(ClientId=CLIENT, Username="u" + ROLE, Password="right-pass1"), "UserConfirmed"))
`
	denied := func(role, action, resource string) string {
		return "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/" + role + "/session is not authorized to perform: cognito-idp:" + action +
			" on resource: " + resource + " because no identity-based policy allows the cognito-idp:" + action + " action 400"
	}
	wiretest.Compare(t, wiretest.Boto3(t, inside, w.Function("one"), "ROLE = 'one'\n"+steps), map[string]string{
		"get": noUser + " 400", "create": denied("one", "AdminCreateUser", poolARN), "list": denied("one", "ListUserPools", "*"), "sign up": got("false")})
	wiretest.Compare(t, wiretest.Boto3(t, inside, w.Function("other"), "ROLE = 'other'\n"+steps), map[string]string{
		"get": denied("other", "AdminGetUser", poolARN), "create": denied("other", "AdminCreateUser", poolARN), "list": denied("other", "ListUserPools", "*"), "sign up": got("false")})
}

func TestCLI(t *testing.T) {
	w, b := serve(t, users())
	run := func(want string, args ...string) string {
		t.Helper()
		out, _ := wiretest.AWS(t, w.URL, Host(), append([]string{"cognito-idp"}, args...)...)
		if !strings.Contains(out, want) {
			t.Errorf("aws cognito-idp %s:\n%s\nwant %s", strings.Join(args, " "), out, want)
		}
		return out
	}
	run(`"UserConfirmed": false`, "sign-up", "--client-id", clientID, "--username", "ada", "--password", "right-pass1", "--user-attributes", "Name=email,Value=ada@example.com")
	run("", "confirm-sign-up", "--client-id", clientID, "--username", "ada", "--confirmation-code", b.lastPost().Code)
	token := strings.TrimSpace(run("ey", "initiate-auth", "--client-id", clientID, "--auth-flow", "USER_PASSWORD_AUTH",
		"--auth-parameters", "USERNAME=ada,PASSWORD=right-pass1", "--query", "AuthenticationResult.AccessToken", "--output", "text"))
	run(`"Username": "ada"`, "get-user", "--access-token", token)
	run("(NotAuthorizedException) when calling the InitiateAuth operation: Incorrect username or password.", "initiate-auth", "--client-id", clientID,
		"--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters", "USERNAME=ada,PASSWORD=wrong-pass1")
	run("true", "admin-get-user", "--user-pool-id", poolID, "--username", "ada", "--query", "Enabled")
}
