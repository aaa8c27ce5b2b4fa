package cfn

import (
	"slices"

	"bailey/cloud"
	"bailey/source"
)

func secretRows() []*row {
	keyARN := func(l *loader, r *resource) source.Node {
		return l.text(l.arn("kms", "key/"+l.uuid(r.Name)).String(), r.At)
	}
	return []*row{
		{Type: "AWS::SecretsManager::Secret", read: readSecret, ref: secretARN, atts: attributes{"Id": secretARN, "Arn": secretARN},
			properties: "Description GenerateSecretString KmsKeyId Name ReplicaRegions SecretString Tags Type"},
		{Type: "AWS::SecretsManager::ResourcePolicy", read: readSecretPolicy, ref: property("SecretId"), atts: attributes{"Id": property("SecretId")},
			properties: "BlockPublicPolicy !ResourcePolicy !SecretId"},
		{Type: "AWS::SecretsManager::RotationSchedule", read: readRotation, ref: property("SecretId"), atts: attributes{"Id": property("SecretId")},
			properties: "ExternalSecretRotationMetadata ExternalSecretRotationRoleArn HostedRotationLambda RotateImmediatelyOnUpdate " +
				"RotationLambdaARN RotationRules !SecretId"},
		{Type: "AWS::SecretsManager::SecretTargetAttachment", read: readSecretTarget, ref: property("SecretId"), atts: attributes{"Id": property("SecretId")},
			properties: "!SecretId !TargetId !TargetType"},
		{Type: "AWS::KMS::Key", read: readKey,
			ref: func(l *loader, r *resource) source.Node { return l.text(l.uuid(r.Name), r.At) },
			properties: "BypassPolicyLockoutSafetyCheck Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage MultiRegion Origin " +
				"PendingWindowInDays RotationPeriodInDays Tags",
			atts: attributes{"Arn": keyARN, "KeyId": func(l *loader, r *resource) source.Node { return l.text(l.uuid(r.Name), r.At) }}},
		{Type: "AWS::KMS::Alias", read: readKeyAlias, ref: property("AliasName"), properties: "!AliasName !TargetKeyId"},
		{Type: "AWS::KMS::ReplicaKey", ref: func(l *loader, r *resource) source.Node { return l.text(l.uuid(r.Name), r.At) },
			properties: "Description Enabled !KeyPolicy PendingWindowInDays !PrimaryKeyArn Tags",
			atts:       attributes{"Arn": keyARN, "KeyId": func(l *loader, r *resource) source.Node { return l.text(l.uuid(r.Name), r.At) }}},
	}
}

// secretARN is a secret's ARN, which ends in six characters of AWS's choice.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
func secretARN(l *loader, r *resource) source.Node {
	return l.named(r, "Name", 512, func(name string) string {
		return l.arn("secretsmanager", "secret:"+name+"-"+cloud.MadeID(cloud.Alnum, 6, l.stack, r.logical)).String()
	})
}

// readSecret. Without SecretString and GenerateSecretString the secret is
// there and has no value.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html
func readSecret(l *loader, r *resource) {
	o := l.object(r)
	arn, _ := cloud.ParseARN(secretARN(l, r).Text)
	s := cloud.Secret{Meta: r.Meta, ARN: arn, SecretName: l.nameOf(r, "Name", 512), Key: o.text("KmsKeyId", cloud.Known("")),
		Value: o.text("SecretString", cloud.Unknown[string](r.Name+" has no value of its own in the template", r.At))}
	if c, ok := o.child("GenerateSecretString", "ExcludeCharacters", "ExcludeLowercase", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase",
		"GenerateStringKey", "IncludeSpace", "PasswordLength", "RequireEachIncludedType", "SecretStringTemplate"); ok {
		s.Value = cloud.Unknown[string]("the value of "+r.Name+" is generated", c.at)
		s.Generate = &cloud.SecretRecipe{Template: c.text("SecretStringTemplate", cloud.Known("")).Or(""), Key: c.text("GenerateStringKey", cloud.Known("")).Or(""),
			Length: c.number("PasswordLength", 32, 1, 4096).Or(32), Exclude: c.text("ExcludeCharacters", cloud.Known("")).Or(""),
			Lower: !c.flag("ExcludeLowercase", false).Or(false), Upper: !c.flag("ExcludeUppercase", false).Or(false),
			Numbers: !c.flag("ExcludeNumbers", false).Or(false), Symbols: !c.flag("ExcludePunctuation", false).Or(false),
			Space: c.flag("IncludeSpace", false).Or(false), Each: c.flag("RequireEachIncludedType", true).Or(true), At: c.at}
	}
	l.spec.Secrets = append(l.spec.Secrets, s)
}

// secret finds the secret that a resource is for, by name or ARN.
func (l *loader) secret(o object, r *resource) *cloud.Secret {
	id := o.text("SecretId", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.Secrets, func(s cloud.Secret) bool { return s.ARN.String() == id || s.SecretName == id })
	if i < 0 {
		l.notDescribed(r, "secret", id)
		return nil
	}
	return &l.spec.Secrets[i]
}

func readSecretPolicy(l *loader, r *resource) {
	o := l.object(r)
	if s := l.secret(o, r); s != nil {
		doc, _ := o.get("ResourcePolicy")
		s.Policy = l.policy(o, r.Name, "ResourcePolicy", doc)
	}
}

func readRotation(l *loader, r *resource) {
	o := l.object(r)
	s := l.secret(o, r)
	switch {
	case s == nil:
	case o.present("HostedRotationLambda"):
		s.Rotation = cloud.Unknown[cloud.ARN]("the function that rotates "+s.SecretName+" is made by AWS's transform for Secrets Manager", r.At)
	default:
		s.Rotation = o.arnOf("RotationLambdaARN")
	}
}

func readSecretTarget(l *loader, r *resource) {
	o := l.object(r)
	if s := l.secret(o, r); s != nil {
		s.Target = o.text("TargetId", cloud.Known("")).Or("")
	}
}

// readKey. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-key.html
func readKey(l *loader, r *resource) {
	o := l.object(r)
	k := cloud.Key{Meta: r.Meta, ARN: l.arn("kms", "key/"+l.uuid(r.Name)), KeyID: l.uuid(r.Name), Enabled: o.flag("Enabled", true),
		Rotated: o.flag("EnableKeyRotation", false), Spec: o.text("KeySpec", cloud.Known("SYMMETRIC_DEFAULT")).Or("SYMMETRIC_DEFAULT"),
		Usage: o.text("KeyUsage", cloud.Known("ENCRYPT_DECRYPT")).Or("ENCRYPT_DECRYPT")}
	if doc, ok := o.get("KeyPolicy"); ok {
		k.Policy = l.policy(o, r.Name, "KeyPolicy", doc)
	}
	l.spec.Keys = append(l.spec.Keys, k)
}

func readKeyAlias(l *loader, r *resource) {
	o := l.object(r)
	target := o.text("TargetKeyId", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.Keys, func(k cloud.Key) bool { return k.KeyID == target || k.ARN.String() == target })
	if i < 0 {
		l.notDescribed(r, "key", target)
		return
	}
	k := &l.spec.Keys[i]
	k.Aliases = append(slices.Clip(k.Aliases), o.known("AliasName"))
}
