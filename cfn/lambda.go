package cfn

import (
	"fmt"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/source"
)

func lambdaRows() []*row {
	return []*row{
		{Type: "AWS::Lambda::Function", read: readFunction, ref: nameRef("FunctionName", 64),
			properties: "Architectures CapacityProviderConfig !Code CodeSigningConfigArn DeadLetterConfig Description DurableConfig Environment " +
				"EphemeralStorage FileSystemConfigs FunctionName FunctionScalingConfig Handler ImageConfig KmsKeyArn Layers LoggingConfig " +
				"MemorySize PackageType PublishToLatestPublished RecursiveLoop ReservedConcurrentExecutions !Role Runtime " +
				"RuntimeManagementConfig SnapStart Tags TenancyConfig Timeout TracingConfig VpcConfig",
			atts: attributes{"SnapStartResponse": nil, "SnapStartResponse.ApplyOn": nil, "SnapStartResponse.OptimizationStatus": nil,
				"Arn": func(l *loader, r *resource) source.Node {
					return l.named(r, "FunctionName", 64, func(name string) string { return l.functionARN(name).String() })
				}}},
	}
}

// functionARN is a function's ARN. FunctionName may be stated as an ARN too.
func (l *loader) functionARN(name string) cloud.ARN {
	if arn, err := cloud.ParseARN(name); err == nil {
		return arn
	}
	return l.arn("lambda", "function:"+name)
}

// readFunction. Defaults: 3 seconds, 128 MB, 512 MB of /tmp, x86_64, and a log
// group named after the function.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html
func readFunction(l *loader, r *resource) {
	o := l.object(r)
	arn := l.functionARN(l.nameOf(r, "FunctionName", 64))
	name := arn.Resource[strings.LastIndex(arn.Resource, ":")+1:]
	f := cloud.Function{
		Meta: r.Meta, ARN: arn, FunctionName: name, Role: l.functionRole(o),
		Runtime: o.text("Runtime", cloud.Known("")).Or(""), Handler: o.text("Handler", cloud.Known("")).Or(""), Arch: "x86_64",
		Timeout:  time.Duration(o.number("Timeout", 3, 1, 900).Or(3)) * time.Second,
		MemoryMB: o.number("MemorySize", 128, 128, 10240).Or(128), EphemeralMB: 512,
		Code: l.functionCode(o), LogGroup: "/aws/lambda/" + name, LogFormat: "Text",
	}
	if arch := o.texts("Architectures").Or(nil); len(arch) > 0 {
		f.Arch = arch[0]
	}
	if c, ok := o.child("EphemeralStorage", "Size"); ok {
		f.EphemeralMB = c.number("Size", 512, 512, 10240).Or(512)
	}
	if c, ok := o.child("LoggingConfig", "ApplicationLogLevel", "LogFormat", "LogGroup", "SystemLogLevel"); ok {
		f.LogGroup = c.text("LogGroup", cloud.Known(f.LogGroup)).Or(f.LogGroup)
		f.LogFormat = c.oneOf("LogFormat", "Text", "Text", "JSON").Or("Text")
	}
	if _, ok := o.get("ReservedConcurrentExecutions"); ok {
		if n, known := o.number("ReservedConcurrentExecutions", 0, 0, 1_000_000).Get(); known {
			f.Reserved = &n
		}
	}
	f.Env = l.environment(o)
	f.Network = l.attachment(o)
	l.functionExtras(o, &f)
	if o.doubt != nil {
		f.Network = &cloud.Attachment{At: r.At, Subnets: cloud.Unknown[[]cloud.SubnetID](o.doubt.Text, o.doubt.At),
			Groups: cloud.Unknown[[]cloud.SecurityGroupID](o.doubt.Text, o.doubt.At)}
	}
	l.spec.Functions = append(l.spec.Functions, f)
}

// functionRole reads the execution role, which must be an ARN.
func (l *loader) functionRole(o object) cloud.Value[string] {
	v := o.text("Role", cloud.Known(""))
	n, _ := o.get("Role")
	if text, known := v.Get(); known && text != "" {
		if _, err := cloud.ParseARN(text); err != nil {
			l.fail("CFN_BAD_VALUE", n.At, "use !GetAtt role.Arn; Ref gives the role's name", "Role of %s: %v", o.of, err)
		}
	}
	return v
}

// codeKeys are the keys of a function's Code.
var codeKeys = []string{"ImageUri", "S3Bucket", "S3Key", "S3ObjectStorageMode", "S3ObjectVersion", "SourceKMSKeyArn", "ZipFile"}

// functionCode reads where the code is: on S3, in an image, inline, or in a
// local folder as `aws cloudformation package` takes it.
// https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
func (l *loader) functionCode(o object) cloud.Code {
	n, ok := o.get("Code")
	if !ok {
		return cloud.Code{}
	}
	if n.IsScalar() {
		return cloud.Code{Dir: n.Text, At: n.At}
	}
	c, ok := o.child("Code", codeKeys...)
	if !ok || n.Kind == source.Unknown {
		return cloud.Code{At: n.At}
	}
	part := func(key string) string { return c.text(key, cloud.Known("")).Or("") }
	return cloud.Code{S3Bucket: part("S3Bucket"), S3Key: part("S3Key"), Image: part("ImageUri"), Inline: part("ZipFile"), At: n.At}
}

// environment reads the environment variables, in the order written.
func (l *loader) environment(o object) []cloud.EnvVar {
	env, ok := o.child("Environment", "Variables")
	if !ok {
		return nil
	}
	vars, ok := env.get("Variables")
	if !ok {
		return nil
	}
	if vars.Kind != source.Map && vars.Kind != source.Unknown {
		env.wrong("Variables", vars, "a map")
		return nil
	}
	if vars.Kind == source.Unknown {
		l.warn("CFN_OPEN_REFERENCE", vars.At, "", "the environment of %s is open: %s", o.of, vars.Text)
	}
	all := object{l: l, of: fmt.Sprintf("%s.Environment", o.of), n: vars, at: vars.At}
	var out []cloud.EnvVar
	for _, e := range vars.Entries {
		out = append(out, cloud.EnvVar{Name: e.Key, Value: all.text(e.Key, cloud.Known("")), At: e.KeyAt})
	}
	return out
}

// attachment reads VpcConfig. Without subnets and groups the function is not
// in a VPC. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func (l *loader) attachment(o object) *cloud.Attachment {
	c, ok := o.child("VpcConfig", "Ipv6AllowedForDualStack", "SecurityGroupIds", "SubnetIds")
	if !ok {
		return nil
	}
	a := &cloud.Attachment{At: c.at, Subnets: ids[cloud.SubnetID](c.texts("SubnetIds")), Groups: ids[cloud.SecurityGroupID](c.texts("SecurityGroupIds")),
		IPv6: c.flag("Ipv6AllowedForDualStack", false)}
	subnets, known := a.Subnets.Get()
	groups, known2 := a.Groups.Get()
	switch {
	case known && known2 && len(subnets) == 0 && len(groups) == 0:
		return nil
	case known && len(subnets) == 0:
		l.fail("CFN_MISSING_PROPERTY", c.at, "add the function's subnets", "%s has no SubnetIds", c.of)
	case known2 && len(groups) == 0:
		l.fail("CFN_MISSING_PROPERTY", c.at, "add the function's security groups", "%s has no SecurityGroupIds", c.of)
	}
	return a
}
