package snapshot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/source"
)

// readFunctions reads functions as they are configured. Their code is in no
// list.
// https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
func (r *reader) readFunctions() {
	for _, it := range r.list("Functions") {
		arn := it.arn("FunctionArn")
		if _, qualifier := arn.Unqualified(); qualifier != "" && qualifier != "$LATEST" {
			continue // of --function-version ALL
		}
		arn, _ = arn.Unqualified()
		f := cloud.Function{Meta: r.meta("Functions", it), ARN: arn, FunctionName: it.text("FunctionName"), Role: cloud.Known(it.text("Role")), Runtime: it.text("Runtime"),
			Handler: it.text("Handler"), Arch: "x86_64", Timeout: time.Duration(it.number("Timeout", 3, 1, 900)) * time.Second, MemoryMB: it.number("MemorySize", 128, 1, 1<<20),
			EphemeralMB: it.child("EphemeralStorage").number("Size", 512, 1, 1<<20), LogGroup: "/aws/lambda/" + it.text("FunctionName"), LogFormat: "Text", Code: cloud.Code{At: it.at()},
			Layers: cloud.Known(each[string](it, "Layers", "Arn")), KMSKey: cloud.Known(it.text("KMSKeyArn")), DeadLetter: cloud.Known(it.child("DeadLetterConfig").arn("TargetArn")),
			SnapStart: it.child("SnapStart").text("ApplyOn") == "PublishedVersions", Tracing: it.child("TracingConfig").text("Mode") == "Active", Recursion: "Terminate"}
		if arch := it.texts("Architectures"); len(arch) > 0 {
			f.Arch = arch[0]
		}
		r.settings(it, &f)
		r.network(it, &f)
		r.spec.Functions = append(r.spec.Functions, f)
	}
}

// settings reads what a function may have beside its code and network.
func (r *reader) settings(it item, f *cloud.Function) {
	env := it.child("Environment")
	vars := env.child("Variables")
	for _, e := range vars.n.Entries {
		f.Env = append(f.Env, cloud.EnvVar{Name: e.Key, Value: cloud.Known(vars.text(e.Key)), At: e.KeyAt})
	}
	if env.has("Error") {
		r.diags.Add(source.Diag{Code: "SNAPSHOT_NOT_ALLOWED", Severity: source.Warning, At: env.at(), Summary: "the environment of " + f.Name + " could not be read", Hint: "the caller may not decrypt it: kms:Decrypt"})
	}
	log := it.child("LoggingConfig")
	if v := log.text("LogGroup"); v != "" {
		f.LogGroup = v
	}
	if v := log.text("LogFormat"); v != "" {
		f.LogFormat = v
	}
	image := it.child("ImageConfigResponse").child("ImageConfig")
	f.Image = cloud.ImageConfig{Command: image.texts("Command"), EntryPoint: image.texts("EntryPoint"), WorkingDir: image.text("WorkingDirectory")}
	for _, c := range it.items("FileSystemConfigs") {
		f.FileSystems = append(f.FileSystems, cloud.FileSystemMount{AccessPoint: cloud.Known(c.text("Arn")), Path: c.text("LocalMountPath"), At: c.at()})
	}
	for _, c := range r.list("ReservedConcurrentExecutions") {
		if isIn(c.owner, f.FunctionName, f.ARN.String()) {
			n := c.number("ReservedConcurrentExecutions", 0, 0, 1_000_000)
			f.Reserved = &n
		}
	}
}

// network reads VpcConfig, which is there and empty for a function that was
// taken out of a VPC.
func (r *reader) network(it item, f *cloud.Function) {
	c := it.child("VpcConfig")
	subnets, groups := textsAs[cloud.SubnetID](c, "SubnetIds"), textsAs[cloud.SecurityGroupID](c, "SecurityGroupIds")
	if len(subnets) > 0 {
		f.Network = &cloud.Attachment{Subnets: cloud.Known(subnets), Groups: cloud.Known(groups), IPv6: cloud.Known(c.flag("Ipv6AllowedForDualStack", false)), At: c.at()}
		r.functionPlacements(f.Name, subnets, groups)
	}
	if p := it.child("CapacityProviderConfig").child("LambdaManagedInstancesCapacityProviderConfig"); p.has("CapacityProviderArn") {
		f.Capacity = cloud.Known(p.text("CapacityProviderArn"))
		because := "the network of capacity provider " + p.text("CapacityProviderArn") + " is not read"
		f.Network = &cloud.Attachment{Subnets: cloud.Unknown[[]cloud.SubnetID](because, p.at()), Groups: cloud.Unknown[[]cloud.SecurityGroupID](because, p.at()), At: p.at()}
	}
}

// readInvocations reads who may invoke functions, and what does.
func (r *reader) readInvocations() {
	for _, f := range r.spec.Functions {
		r.policyOf(f)
	}
	for _, it := range r.list("EventSourceMappings") {
		r.spec.EventSourceMappings = append(r.spec.EventSourceMappings, r.mapping(it))
	}
	for _, it := range r.list("FunctionUrlConfigs") {
		arn := it.arn("FunctionArn")
		host := strings.TrimSuffix(strings.TrimPrefix(it.text("FunctionUrl"), "https://"), "/")
		u := cloud.FunctionURL{Meta: cloud.Meta{Name: "URL of " + r.functionName(arn), Type: "AWS::Lambda::Url", At: it.at()}, Function: cloud.Known(arn), Host: host,
			Auth: cloud.Known(it.text("AuthType")), Stream: it.text("InvokeMode") == "RESPONSE_STREAM"}
		if c := it.child("Cors"); it.has("Cors") {
			u.CORS = corsOf(c)
		}
		r.spec.FunctionURLs = append(r.spec.FunctionURLs, u)
	}
	for _, it := range r.list("FunctionEventInvokeConfigs") {
		arn, qualifier := it.arn("FunctionArn").Unqualified()
		if qualifier == "" {
			qualifier = "$LATEST"
		}
		c := it.child("DestinationConfig")
		r.spec.EventInvokeConfigs = append(r.spec.EventInvokeConfigs, cloud.EventInvokeConfig{Meta: cloud.Meta{Name: "asynchronous invocation of " + r.functionName(arn), Type: "AWS::Lambda::EventInvokeConfig", At: it.at()},
			Function: cloud.Known(arn), Qualifier: qualifier, MaxAge: time.Duration(it.number("MaximumEventAgeInSeconds", 21600, 60, 21600)) * time.Second, Retries: it.number("MaximumRetryAttempts", 2, 0, 2),
			OnSuccess: cloud.Known(c.child("OnSuccess").arn("Destination")), OnFailure: cloud.Known(c.child("OnFailure").arn("Destination"))})
	}
	r.readAliases()
}

func (r *reader) functionName(arn cloud.ARN) string {
	arn, _ = arn.Unqualified()
	for _, f := range r.spec.Functions {
		if f.ARN == arn {
			return f.Name
		}
	}
	return strings.TrimPrefix(arn.Resource, "function:")
}

func (r *reader) readAliases() {
	for _, it := range r.list("Aliases") {
		arn, name := it.arn("AliasArn").Unqualified()
		a := cloud.Alias{Meta: cloud.Meta{Name: r.functionName(arn) + ":" + name, Type: "AWS::Lambda::Alias", At: it.at()}, Function: cloud.Known(arn), AliasName: name, Version: cloud.Known(it.text("FunctionVersion"))}
		weights := it.child("RoutingConfig").child("AdditionalVersionWeights")
		for _, e := range weights.n.Entries {
			var share float64
			if _, err := fmt.Sscan(e.Value.Text, &share); err != nil {
				weights.bad(e.Key, e.Value, "a share from 0 to 1")
			}
			a.Weights = append(a.Weights, cloud.VersionWeight{Version: cloud.Known(e.Key), Weight: cloud.Known(share), At: e.KeyAt})
		}
		r.spec.Aliases = append(r.spec.Aliases, a)
		r.aliasPolicy(it.arn("AliasArn"), a.Name)
	}
	for _, it := range r.list("Versions") {
		if arn, number := it.arn("FunctionArn").Unqualified(); number != "" && number != "$LATEST" {
			r.spec.Versions = append(r.spec.Versions, cloud.Version{Meta: cloud.Meta{Name: r.functionName(arn) + ":" + number, Type: "AWS::Lambda::Version", At: it.at()}, Function: cloud.Known(arn), Number: number})
		}
	}
}

// policyOf reads the resource policy of a function, which is an answer of
// its own. Of one for which there is no answer nothing is known.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
func (r *reader) policyOf(f cloud.Function) {
	found := r.describedOf("Policy", f.FunctionName)
	for _, it := range r.list("Policy") {
		doc := it.document("Policy")
		statements, _ := doc.Get("Statement")
		mine := isIn(it.owner, f.FunctionName, f.ARN.String())
		for s := range statements.Each() {
			target, ok := r.statementTarget(s)
			if own, _ := target.Unqualified(); ok && own == f.ARN {
				mine = true
				r.spec.Permissions = append(r.spec.Permissions, r.permission(f, target, it.with(s)))
			}
		}
		found = found || mine
	}
	if !found {
		r.unknownPolicy(f.ARN, f.Name, f.FunctionName)
	}
}

// aliasPolicy notes that an alias has a policy of its own of which there is no
// answer. The statements of one that there is are read with the function's.
// https://docs.aws.amazon.com/lambda/latest/dg/versioning-aliases-permissions.html
func (r *reader) aliasPolicy(arn cloud.ARN, name string) {
	stated := slices.ContainsFunc(r.spec.Permissions, func(p cloud.Permission) bool { return p.Function.Or(cloud.ARN{}) == arn })
	if !stated && !r.describedOf("Policy", arn.String()) {
		r.unknownPolicy(arn, name, arn.String())
	}
}

// unknownPolicy stands for a policy for which there is no answer: it may permit
// anything, to anybody, on no condition.
func (r *reader) unknownPolicy(arn cloud.ARN, name, owner string) {
	g := r.gapOf("Policy", owner)
	open := cloud.Unknown[string](g.Because, g.At)
	r.spec.Permissions = append(r.spec.Permissions, cloud.Permission{Meta: cloud.Meta{Name: "the policy of " + name, Type: "AWS::Lambda::Permission", At: g.At}, Function: cloud.Known(arn),
		Action: open, Principal: open})
}

func (r *reader) statementTarget(s source.Node) (cloud.ARN, bool) {
	res, _ := s.Get("Resource")
	arn, err := cloud.ParseARN(res.Text)
	return arn, err == nil && arn.Service == "lambda"
}

// conditions are those that AddPermission writes, and what each limits.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
var conditions = map[string]func(*cloud.Permission, string){
	"aws:sourcearn":                func(p *cloud.Permission, v string) { p.SourceARN = cloud.Known(v) },
	"aws:sourceaccount":            func(p *cloud.Permission, v string) { p.SourceAccount = cloud.Known(v) },
	"aws:principalorgid":           func(p *cloud.Permission, v string) { p.OrgID = cloud.Known(v) },
	"lambda:eventsourcetoken":      func(p *cloud.Permission, v string) { p.EventSourceToken = cloud.Known(v) },
	"lambda:functionurlauthtype":   func(p *cloud.Permission, v string) { p.URLAuth = cloud.Known(v) },
	"lambda:invokedviafunctionurl": func(p *cloud.Permission, v string) { p.ViaURL = cloud.Known(v == "true") },
}

// permission reads one statement, of the form that AddPermission gives it; of
// another form it is open what it permits.
func (r *reader) permission(f cloud.Function, target cloud.ARN, s item) cloud.Permission {
	p := cloud.Permission{Meta: cloud.Meta{Name: f.Name + " " + s.text("Sid"), Type: "AWS::Lambda::Permission", At: s.at()}, Function: cloud.Known(target)}
	action, _ := s.get("Action")
	principal, _ := s.get("Principal")
	if principal.Kind == source.Map && len(principal.Entries) == 1 {
		principal = principal.Entries[0].Value
	}
	plain := s.text("Effect") == "Allow" && action.IsScalar() && principal.IsScalar()
	for _, operator := range s.child("Condition").n.Entries {
		for _, c := range operator.Value.Entries {
			limit, known := conditions[strings.ToLower(c.Key)]
			if plain = plain && known && c.Value.IsScalar() && slices.Contains([]string{"ArnLike", "StringEquals", "Bool"}, operator.Key); plain {
				limit(&p, c.Value.Text)
			}
		}
	}
	p.Action, p.Principal = cloud.Known(action.Text), cloud.Known(principal.Text)
	if !plain {
		because := "what the statement " + s.text("Sid") + " of the policy of " + f.Name + " permits is not read"
		p.Action, p.Principal = cloud.Unknown[string](because, s.at()), cloud.Unknown[string](because, s.at())
	}
	return p
}

// mapping reads one event source mapping.
// https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
func (r *reader) mapping(it item) cloud.EventSourceMapping {
	seconds := func(key string, absent int) time.Duration {
		return time.Duration(it.number(key, absent, -1, 1<<20)) * time.Second
	}
	e := cloud.EventSourceMapping{Meta: r.meta("EventSourceMappings", it), ID: it.text("UUID"), Function: cloud.Known(it.arn("FunctionArn")), Source: cloud.Known(it.arn("EventSourceArn")),
		Enabled: cloud.Known(isIn(it.text("State"), "Enabled", "Enabling", "Updating", "Creating", "")), Topics: it.texts("Topics"), Queues: it.texts("Queues"), Batch: it.number("BatchSize", 0, 0, 10000),
		Window: seconds("MaximumBatchingWindowInSeconds", 0), Start: it.text("StartingPosition"), Retries: it.number("MaximumRetryAttempts", -1, -1, 10000), MaxAge: seconds("MaximumRecordAgeInSeconds", -1),
		Parallel: it.number("ParallelizationFactor", 1, 0, 10), Bisect: it.flag("BisectBatchOnFunctionError", false), Tumbling: seconds("TumblingWindowInSeconds", 0),
		Partial: slices.Contains(it.texts("FunctionResponseTypes"), "ReportBatchItemFailures"), Concurrency: it.child("ScalingConfig").number("MaximumConcurrency", 0, 0, 1000),
		Pollers: it.has("ProvisionedPollerConfig"), OnFailure: cloud.Known(it.child("DestinationConfig").child("OnFailure").arnUnless("Destination", "kafka://")),
		Bootstrap: cloud.Known(it.child("SelfManagedEventSource").child("Endpoints").texts("KAFKA_BOOTSTRAP_SERVERS"))}
	if e.Name == e.ID {
		e.Name = "event source mapping " + e.ID
	}
	for _, f := range it.child("FilterCriteria").items("Filters") {
		e.Filters = append(e.Filters, cloud.Known(f.text("Pattern")))
	}
	for _, c := range it.items("SourceAccessConfigurations") {
		e.Access = append(e.Access, cloud.SourceAccess{Kind: c.text("Type"), URI: cloud.Known(c.text("URI")), At: c.at()})
	}
	return e
}

// arnUnless gives an ARN; the zero one for text that begins so.
func (i item) arnUnless(key, prefix string) cloud.ARN {
	if strings.HasPrefix(i.text(key), prefix) {
		return cloud.ARN{}
	}
	return i.arn(key)
}
