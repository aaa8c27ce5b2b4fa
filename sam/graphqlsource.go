package sam

import (
	"slices"
	"strings"

	"bailey/source"
)

var (
	graphSourceKinds = newSchema("DynamoDb,Lambda:=maps")
	graphTable       = newSchema("TableName:!any ServiceRoleArn,TableArn,Name,Description,Region,UseCallerCredentials,Versioned:any Permissions:=strs DeltaSync:=map")
	graphDelta       = newSchema("BaseTableTTL,DeltaSyncTableName,DeltaSyncTableTTL:!any")
	graphLambda      = newSchema("FunctionArn:!any ServiceRoleArn,Name,Description:any")
)

// graphSources makes the data sources: tables and functions.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-graphqlapi-datasource.html
func (t *transformer) graphSources(g *graph) {
	all := g.prop("DataSources")
	if !t.shape(g.id, all, graphSourceKinds, "DataSources") {
		return
	}
	for _, e := range get(all, "DynamoDb").Entries {
		if t.shape(g.id, e.Value, graphTable, e.Key) && t.shape(g.id, get(e.Value, "DeltaSync"), graphDelta, "DeltaSync") {
			t.tableSource(g, e)
		}
	}
	for _, e := range get(all, "Lambda").Entries {
		if t.shape(g.id, e.Value, graphLambda, e.Key) {
			t.lambdaSource(g, e)
		}
	}
}

// dataSource makes a data source of either kind.
func (g *graph) dataSource(e source.Entry, suffix, kind string) *resource {
	p, name := place(e.KeyAt), get(e.Value, "Name")
	if !truthy(name) {
		name = p.str(e.Key)
	}
	r := g.make(e.KeyAt, e.Key+suffix+"DataSource", cfnDataSource, g.apiID(), kv{"Name", name}, kv{"Type", p.str(kind)}, kv{"Description", get(e.Value, "Description")})
	g.sources[e.Key] = p.getAtt(r.id, "Name")
	return r
}

// sourceRole gives a data source its role: the one it names, or a new one with
// a connector's policy.
func (t *transformer) sourceRole(g *graph, e source.Entry, r *resource, suffix string, to source.Node, permissions ...string) {
	if own := get(e.Value, "ServiceRoleArn"); truthy(own) {
		r.set("ServiceRoleArn", own)
		return
	}
	p := place(e.KeyAt)
	role := g.make(e.KeyAt, strings.TrimPrefix(r.id, g.id)+"Role", "AWS::IAM::Role", kv{"AssumeRolePolicyDocument", p.assume("appsync.amazonaws.com")})
	r.set("ServiceRoleArn", role.arn())
	from := p.obj(kv{"Type", p.str(cfnDataSource)}, kv{"Arn", p.getAtt(r.id, "DataSourceArn")}, kv{"RoleName", role.ref()})
	t.graphConnector(g, e.KeyAt, r.id+suffix, from, to, permissions...)
}

func (t *transformer) tableSource(g *graph, e source.Entry) {
	p, n := place(e.KeyAt), e.Value
	region, table := get(n, "Region"), get(n, "TableName")
	if !truthy(region) {
		region = p.ref("AWS::Region")
	}
	r := g.dataSource(e, "DynamoDB", "AMAZON_DYNAMODB")
	config := p.obj(kv{"AwsRegion", region}, kv{"TableName", table})
	for key, name := range map[string]string{"UseCallerCredentials": "UseCallerCredentials", "Versioned": "Versioned", "DeltaSync": "DeltaSyncConfig"} {
		if v := get(n, key); truthy(v) {
			set(&config, name, v)
		}
	}
	r.set("DynamoDBConfig", config)
	arn := get(n, "TableArn")
	if !truthy(arn) {
		arn = p.sub("arn:${AWS::Partition}:dynamodb:${__Region__}:${AWS::AccountId}:table/${__TableName__}", kv{"__TableName__", table}, kv{"__Region__", region})
	}
	permissions := []string{"Read", "Write"}
	if given := get(n, "Permissions"); truthy(given) {
		permissions = nil
		for _, item := range given.Items {
			permissions = append(permissions, item.Text)
		}
	}
	t.sourceRole(g, e, r, "ToTableConnector", p.obj(kv{"Type", p.str(cfnTable)}, kv{"Arn", arn}), permissions...)
}

func (t *transformer) lambdaSource(g *graph, e source.Entry) {
	p, arn := place(e.KeyAt), get(e.Value, "FunctionArn")
	r := g.dataSource(e, "Lambda", "AWS_LAMBDA")
	r.set("LambdaConfig", p.obj(kv{"LambdaFunctionArn", arn}))
	t.sourceRole(g, e, r, "ToLambdaConnector", p.obj(kv{"Type", p.str(cfnFunction)}, kv{"Arn", arn}), "Write")
}

var (
	graphFunction = newSchema("DataSource:=str|map Runtime,Sync:=map InlineCode,CodeUri,Description,MaxBatchSize,Id:any Name:=str")
	graphRuntime  = newSchema("Name,Version:!any")
	graphSync     = newSchema("ConflictDetection:!any ConflictHandler:any LambdaConflictHandlerConfig:=map")
	graphConflict = newSchema("LambdaConflictHandlerArn:!any")
	graphResolver = newSchema("FieldName:=str Caching,Runtime,Sync:=map InlineCode,CodeUri,MaxBatchSize:any Pipeline:=strs")
	graphCaching  = newSchema("Ttl:!any CachingKeys:=list")
)

// graphFunctions makes the functions of pipelines.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-graphqlapi-function.html
func (t *transformer) graphFunctions(g *graph) {
	for _, e := range g.prop("Functions").Entries {
		sync := get(e.Value, "Sync")
		if !t.shape(g.id, e.Value, graphFunction, e.Key) || !t.shape(g.id, sync, graphSync, "Sync") || !t.shape(g.id, get(sync, "LambdaConflictHandlerConfig"), graphConflict, "LambdaConflictHandlerConfig") {
			continue
		}
		if id := get(e.Value, "Id"); truthy(id) {
			if g.functions[e.Key] = id; len(provided(e.Value, nil).Entries) > 1 {
				t.errorf(e.KeyAt, g.id, "the function %s has an Id and nothing else", e.Key)
			}
			continue
		}
		t.graphFunction(g, e)
	}
}

func (t *transformer) graphFunction(g *graph, e source.Entry) {
	p, n := place(e.KeyAt), e.Value
	name := get(n, "Name")
	if !truthy(name) {
		name = p.str(e.Key)
	}
	inline, uri := get(n, "InlineCode"), get(n, "CodeUri")
	if truthy(inline) == truthy(uri) {
		t.errorf(e.KeyAt, g.id, "the function %s has either InlineCode or a CodeUri", e.Key)
	}
	r := newResource(e.KeyAt, g.id+e.Key, "AWS::AppSync::FunctionConfiguration", g.attrs, g.apiID(), kv{"Name", name},
		kv{"DataSourceName", t.sourceName(g, e)}, kv{"Runtime", t.graphRuntime(g, e)})
	r.depends = g.depends
	if truthy(inline) {
		r.set("Code", inline)
	} else {
		r.set("CodeS3Location", uri)
	}
	r.copy(n, "MaxBatchSize", "Description")
	if sync := get(n, "Sync"); sync.Kind != source.Null {
		r.set("SyncConfig", provided(sync, nil))
	}
	g.functions[e.Key] = p.getAtt(r.id, "FunctionId")
	g.add(r)
}

func (t *transformer) graphRuntime(g *graph, e source.Entry) source.Node {
	runtime := get(e.Value, "Runtime")
	if runtime.Kind == source.Null {
		t.errorf(e.KeyAt, g.id, "%s has code, but no Runtime", e.Key)
		return source.Node{}
	}
	t.shape(g.id, runtime, graphRuntime, "Runtime")
	return place(runtime.At).obj(kv{"Name", get(runtime, "Name")}, kv{"RuntimeVersion", get(runtime, "Version")})
}

// sourceName is the name of a function's data source: one of the API's, none,
// or what an intrinsic function gives.
func (t *transformer) sourceName(g *graph, e source.Entry) source.Node {
	given := get(e.Value, "DataSource")
	p := place(given.At)
	known, ok := g.sources[given.Text]
	switch {
	case !truthy(given):
		t.errorf(e.KeyAt, g.id, "the function %s has a DataSource", e.Key)
	case given.Kind != source.String:
		return given
	case strings.EqualFold(given.Text, "none"):
		if g.none == nil {
			id := g.id + "NoneDataSource"
			g.none = newResource(given.At, id, cfnDataSource, g.attrs, g.apiID(), kv{"Name", p.str(id)}, kv{"Type", p.str("NONE")})
			g.none.depends = g.depends
		}
		return p.getAtt(g.none.id, "Name")
	case !ok:
		t.errorf(given.At, g.id, "the function %s: %s is none of the DataSources", e.Key, given.Text)
	}
	return known
}

// passThrough is the code of a resolver that has none of its own, as AppSync's
// console writes it too.
const passThrough = `
export function request(ctx) {
    return {};
}

export function response(ctx) {
    return ctx.prev.result;
}
`

// graphResolvers makes the resolvers, each a pipeline of functions.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-graphqlapi-resolver.html
func (t *transformer) graphResolvers(g *graph) {
	for _, kind := range g.prop("Resolvers").Entries {
		if kind.Value.Kind != source.Map {
			t.errorf(kind.KeyAt, g.id, "the resolvers of a type are a map")
		}
		for _, e := range kind.Value.Entries {
			if t.shape(g.id, e.Value, graphResolver, e.Key) && t.shape(g.id, get(e.Value, "Caching"), graphCaching, "Caching") {
				t.graphResolver(g, kind.Key, e)
			}
		}
	}
}

func (t *transformer) graphResolver(g *graph, kind string, e source.Entry) {
	p, n := place(e.KeyAt), e.Value
	inline, uri, field := get(n, "InlineCode"), get(n, "CodeUri"), get(n, "FieldName")
	if truthy(inline) && truthy(uri) {
		t.errorf(e.KeyAt, g.id, "the resolver %s has either InlineCode or a CodeUri", e.Key)
	}
	if !truthy(field) {
		field = p.str(e.Key)
	}
	r := newResource(e.KeyAt, g.id+kind+e.Key, "AWS::AppSync::Resolver", g.attrs, g.apiID(), kv{"FieldName", field}, kv{"TypeName", p.str(kind)},
		kv{"Kind", p.str("PIPELINE")}, kv{"PipelineConfig", p.obj(kv{"Functions", t.pipeline(g, e)})})
	r.depends = p.strs(g.id + "Schema")
	r.set("Code", inline)
	r.set("CodeS3Location", uri)
	if !truthy(inline) && !truthy(uri) {
		r.set("Code", p.str(passThrough))
		r.set("Runtime", p.obj(kv{"Name", p.str("APPSYNC_JS")}, kv{"RuntimeVersion", p.str("1.0.0")}))
	} else {
		r.set("Runtime", t.graphRuntime(g, e))
	}
	if caching := get(n, "Caching"); caching.Kind != source.Null {
		r.set("CachingConfig", provided(caching, nil))
	}
	r.copyTruthy(n, "MaxBatchSize")
	g.add(r)
}

// pipeline are the IDs of a resolver's functions.
func (t *transformer) pipeline(g *graph, e source.Entry) source.Node {
	given := get(e.Value, "Pipeline")
	out := place(e.KeyAt).list()
	if len(given.Items) == 0 {
		t.errorf(e.KeyAt, g.id, "the resolver %s has a Pipeline; a unit resolver is an AWS::AppSync::Resolver of its own", e.Key)
	}
	for _, name := range given.Items {
		id, ok := g.functions[name.Text]
		if !ok {
			t.errorf(name.At, g.id, "the resolver %s: %s is none of the Functions", e.Key, name.Text)
		}
		out.Items = append(slices.Clone(out.Items), id)
	}
	return out
}
