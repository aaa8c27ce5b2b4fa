package cfn

import (
	"bailey/cloud"
)

// functionExtras reads what a function may have beside its code and network.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html
func (l *loader) functionExtras(o object, f *cloud.Function) {
	f.Layers, f.KMSKey = o.texts("Layers"), o.text("KmsKeyArn", cloud.Known(""))
	f.CodeSigning = o.text("CodeSigningConfigArn", cloud.Known(""))
	f.Recursion = o.oneOf("RecursiveLoop", "Terminate", "Allow", "Terminate").Or("")
	if c, ok := o.child("DeadLetterConfig", "TargetArn"); ok {
		f.DeadLetter = c.arnOf("TargetArn")
	}
	if c, ok := o.child("SnapStart", "ApplyOn"); ok {
		f.SnapStart = c.oneOf("ApplyOn", "None", "PublishedVersions", "None").Or("") == "PublishedVersions"
	}
	if c, ok := o.child("TracingConfig", "Mode"); ok {
		f.Tracing = c.oneOf("Mode", "PassThrough", "Active", "PassThrough").Or("") == "Active"
	}
	if c, ok := o.child("ImageConfig", "Command", "EntryPoint", "WorkingDirectory"); ok {
		f.Image = cloud.ImageConfig{Command: c.texts("Command").Or(nil), EntryPoint: c.texts("EntryPoint").Or(nil),
			WorkingDir: c.text("WorkingDirectory", cloud.Known("")).Or("")}
	}
	for _, c := range o.children("FileSystemConfigs", "Arn", "LocalMountPath") {
		f.FileSystems = append(f.FileSystems, cloud.FileSystemMount{AccessPoint: c.text("Arn", cloud.Known("")),
			Path: c.text("LocalMountPath", cloud.Known("")).Or(""), At: c.at})
	}
	l.capacity(o, f)
}

// capacity puts a function that runs on a capacity provider into the
// provider's network: it has no VpcConfig of its own.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-networking.html
func (l *loader) capacity(o object, f *cloud.Function) {
	c, ok := o.child("CapacityProviderConfig", "LambdaManagedInstancesCapacityProviderConfig")
	if !ok {
		return
	}
	if c, ok = c.child("LambdaManagedInstancesCapacityProviderConfig", "CapacityProviderArn", "ExecutionEnvironmentMemoryGiBPerVCpu", "PerExecutionEnvironmentMaxConcurrency"); !ok {
		return
	}
	f.Capacity = c.text("CapacityProviderArn", cloud.Known(""))
	for _, p := range l.spec.CapacityProviders {
		if p.ARN.String() == f.Capacity.Or("") {
			network := p.Network
			f.Network = &network
			return
		}
	}
	because := "the network of capacity provider " + f.Capacity.Or("") + " is not in the template"
	if g, open := f.Capacity.Gap(); open {
		because = g.Because
	}
	f.Network = &cloud.Attachment{Subnets: cloud.Unknown[[]cloud.SubnetID](because, c.at), Groups: cloud.Unknown[[]cloud.SecurityGroupID](because, c.at), At: c.at}
}
