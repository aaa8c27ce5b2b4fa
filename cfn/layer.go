package cfn

import (
	"bailey/cloud"
	"bailey/source"
)

// layerRows are what functions are built of and run on: layers, signing,
// capacity. What a function reads of them comes before it.
func layerRows() []*row {
	return []*row{
		{Type: "AWS::Lambda::LayerVersion", read: readLayer, ref: layerARN,
			properties: "CompatibleArchitectures CompatibleRuntimes !Content Description LayerName LicenseInfo", atts: attributes{"LayerVersionArn": layerARN}},
		{Type: "AWS::Lambda::LayerVersionPermission", read: readLayerPermission,
			properties: "!Action !LayerVersionArn OrganizationId !Principal", atts: attributes{"Id": generatedRef}},
		{Type: "AWS::Lambda::CodeSigningConfig", read: readCodeSigning, ref: signingARN,
			properties: "!AllowedPublishers CodeSigningPolicies Description Tags",
			atts:       attributes{"CodeSigningConfigArn": signingARN, "CodeSigningConfigId": func(l *loader, r *resource) source.Node { return l.text(l.id("csc", r), r.At) }}},
		{Type: "AWS::Lambda::CapacityProvider", read: readCapacityProvider, ref: nameRef("CapacityProviderName", 140),
			properties: "CapacityProviderName CapacityProviderScalingConfig InstanceRequirements KmsKeyArn !PermissionsConfig PropagateTags Tags !VpcConfig",
			atts: attributes{"State": nil, "Arn": func(l *loader, r *resource) source.Node {
				return l.named(r, "CapacityProviderName", 140, func(name string) string { return l.arn("lambda", "capacity-provider:"+name).String() })
			}}},
		{Type: "AWS::IAM::InstanceProfile", read: readInstanceProfile, ref: nameRef("InstanceProfileName", 128),
			properties: "InstanceProfileName Path !Roles", atts: attributes{"Arn": profileARN}},
	}
}

// layerARN: CloudFormation makes a new layer version at each change; in a new
// stack it is the first.
func layerARN(l *loader, r *resource) source.Node {
	return l.named(r, "LayerName", 140, func(name string) string { return l.arn("lambda", "layer:"+name+":1").String() })
}

func readLayer(l *loader, r *resource) {
	o := l.object(r)
	arn, _ := cloud.ParseARN(layerARN(l, r).Text)
	v := cloud.LayerVersion{Meta: r.Meta, ARN: arn, LayerName: l.nameOf(r, "LayerName", 140),
		Runtimes: o.texts("CompatibleRuntimes").Or(nil), Architectures: o.texts("CompatibleArchitectures").Or(nil)}
	n, _ := o.get("Content")
	if v.Code.At = n.At; n.IsScalar() { // as `aws cloudformation package` takes it
		v.Code.Dir = n.Text
	} else if c, ok := o.child("Content", "S3Bucket", "S3Key", "S3ObjectVersion"); ok {
		v.Code.S3Bucket, v.Code.S3Key = c.text("S3Bucket", cloud.Known("")).Or(""), c.text("S3Key", cloud.Known("")).Or("")
	}
	l.spec.Layers = append(l.spec.Layers, v)
}

func readLayerPermission(l *loader, r *resource) {
	o := l.object(r)
	none := cloud.Known("")
	l.spec.LayerPermissions = append(l.spec.LayerPermissions, cloud.LayerPermission{Meta: r.Meta, Layer: o.text("LayerVersionArn", none),
		Action: o.text("Action", none), Principal: o.text("Principal", none), OrgID: o.text("OrganizationId", none)})
}

func signingARN(l *loader, r *resource) source.Node {
	return l.text(l.arn("lambda", "code-signing-config:"+l.id("csc", r)).String(), r.At)
}

// readCodeSigning. Without a policy AWS only warns.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-codesigningconfig.html
func readCodeSigning(l *loader, r *resource) {
	o := l.object(r)
	c := cloud.CodeSigningConfig{Meta: r.Meta, ARN: l.arn("lambda", "code-signing-config:"+l.id("csc", r)), Enforce: cloud.Known(false)}
	if p, ok := o.child("AllowedPublishers", "SigningProfileVersionArns"); ok {
		c.Profiles = p.texts("SigningProfileVersionArns")
	}
	if p, ok := o.child("CodeSigningPolicies", "UntrustedArtifactOnDeployment"); ok {
		policy := p.oneOf("UntrustedArtifactOnDeployment", "Warn", "Warn", "Enforce")
		if g, open := policy.Gap(); open {
			c.Enforce = cloud.Unknown[bool](g.Because, g.At)
		} else {
			c.Enforce = cloud.Known(policy.Or("") == "Enforce")
		}
	}
	l.spec.CodeSigningConfigs = append(l.spec.CodeSigningConfigs, c)
}

func readCapacityProvider(l *loader, r *resource) {
	o := l.object(r)
	name := l.nameOf(r, "CapacityProviderName", 140)
	c := cloud.CapacityProvider{Meta: r.Meta, ProviderName: name, ARN: l.arn("lambda", "capacity-provider:"+name)}
	if v, ok := o.child("VpcConfig", "SecurityGroupIds", "SubnetIds"); ok {
		c.Network = cloud.Attachment{At: v.at, Subnets: ids[cloud.SubnetID](v.texts("SubnetIds")), Groups: ids[cloud.SecurityGroupID](v.texts("SecurityGroupIds"))}
	}
	if p, ok := o.child("PermissionsConfig", "CapacityProviderOperatorRoleArn"); ok {
		c.OperatorRole = p.text("CapacityProviderOperatorRoleArn", cloud.Known(""))
	}
	if s, ok := o.child("CapacityProviderScalingConfig", "MaxVCpuCount", "ScalingMode", "ScalingPolicies"); ok {
		c.MaxVCPU = s.number("MaxVCpuCount", 0, 2, 15000).Or(0)
	}
	l.spec.CapacityProviders = append(l.spec.CapacityProviders, c)
}

func profileARN(l *loader, r *resource) source.Node {
	return l.named(r, "InstanceProfileName", 128, func(name string) string { return l.iamARN(r, "instance-profile", name).String() })
}

// readInstanceProfile. A profile holds one role, by its name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-instanceprofile.html
func readInstanceProfile(l *loader, r *resource) {
	p := cloud.InstanceProfile{Meta: r.Meta, ProfileName: l.nameOf(r, "InstanceProfileName", 128)}
	p.ARN = l.iamARN(r, "instance-profile", p.ProfileName)
	roles := l.object(r).texts("Roles")
	if g, open := roles.Gap(); open {
		p.Role = cloud.Unknown[string](g.Because, g.At)
	} else if names := roles.Or(nil); len(names) > 0 {
		p.Role = cloud.Known(names[0])
	}
	l.spec.InstanceProfiles = append(l.spec.InstanceProfiles, p)
}
