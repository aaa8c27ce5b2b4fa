package snapshot

import (
	"slices"
	"strings"

	"bailey/cloud"
)

// readUserPools reads Cognito's user pools with the functions that they invoke,
// and the names of their clients. What a client may do is not asked for: the
// same answer has its secret.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
func (r *reader) readUserPools() {
	told := map[string]bool{}
	for _, answer := range r.list("UserPool") {
		it := answer.child("UserPool")
		told[it.text("Id")] = true
		p := r.userPool(it)
		p.Triggers = triggers(it.child("LambdaConfig"))
		p.ARN = it.arn("Arn")
		r.spec.UserPools = append(r.spec.UserPools, p)
	}
	for _, it := range r.list("UserPools") {
		if told[it.text("Id")] {
			continue
		}
		p := r.userPool(it)
		p.ARN = cloud.ARN{Partition: cloud.Partition(r.spec.Region), Service: "cognito-idp", Region: r.spec.Region, Account: r.spec.Account, Resource: "userpool/" + p.ID}
		p.Triggers = triggers(it.child("LambdaConfig"))
		r.note(p.Meta, r.gapOf("UserPool", p.ID).Because)
		r.spec.UserPools = append(r.spec.UserPools, p)
	}
}

func (r *reader) userPool(it item) cloud.UserPool {
	p := cloud.UserPool{Meta: r.meta("UserPools", it), ID: it.text("Id"), PoolName: it.text("Name"), Username: it.texts("UsernameAttributes"), AliasOf: it.texts("AliasAttributes"), AutoVerified: it.texts("AutoVerifiedAttributes"),
		AdminOnly: it.child("AdminCreateUserConfig").flag("AllowAdminCreateUserOnly", false), Password: passwords(it.child("Policies").child("PasswordPolicy")), MFA: it.text("MfaConfiguration"),
		CaseSensitive: it.child("UsernameConfiguration").flag("CaseSensitive", true), Domain: it.text("Domain")}
	if p.Name == p.ID { // nobody made the list
		p.Name = p.PoolName
	}
	ways := it.child("AccountRecoverySetting").items("RecoveryMechanisms")
	slices.SortStableFunc(ways, func(a, b item) int { return a.number("Priority", 2, 1, 2) - b.number("Priority", 2, 1, 2) })
	for _, way := range ways {
		p.Recovery = append(p.Recovery, way.text("Name"))
	}
	for _, a := range it.items("SchemaAttributes") {
		p.Schema = append(p.Schema, cloud.PoolAttribute{AttributeName: a.text("Name"), Required: a.flag("Required", false), Mutable: a.flag("Mutable", true), DataType: a.text("AttributeDataType")})
	}
	for _, c := range r.list("UserPoolClients") {
		if c.text("UserPoolId") == p.ID {
			p.Clients = append(p.Clients, cloud.PoolClient{Meta: r.meta("UserPoolClients", c), ID: c.text("ClientId"), ClientName: c.text("ClientName")})
		}
	}
	return p
}

func passwords(c item) cloud.PasswordPolicy {
	return cloud.PasswordPolicy{MinLength: c.number("MinimumLength", 8, 6, 99), Upper: c.flag("RequireUppercase", false), Lower: c.flag("RequireLowercase", false), Numbers: c.flag("RequireNumbers", false),
		Symbols: c.flag("RequireSymbols", false), TemporaryDays: c.number("TemporaryPasswordValidityDays", 7, 0, 365)}
}

// triggers are the functions that a pool invokes, by when.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_LambdaConfigType.html
func triggers(c item) map[string]cloud.Value[cloud.ARN] {
	out := map[string]cloud.Value[cloud.ARN]{}
	for _, e := range c.n.Entries {
		switch {
		case e.Value.IsScalar() && strings.HasPrefix(e.Value.Text, "arn:") && e.Key != "KMSKeyID":
			out[e.Key] = cloud.Known(c.arn(e.Key))
		case e.Key == "PreTokenGenerationConfig" && c.child(e.Key).text("LambdaVersion") == "V1_0": // the same trigger, with the same event
			out["PreTokenGeneration"] = cloud.Known(c.child(e.Key).arn("LambdaArn"))
		case c.child(e.Key).has("LambdaArn"):
			out[e.Key] = cloud.Known(c.child(e.Key).arn("LambdaArn"))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
