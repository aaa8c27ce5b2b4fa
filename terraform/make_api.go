package terraform

import (
	"strings"

	"bailey/source"
)

var integrationParts = (&parser{text: "Type Uri IntegrationHttpMethod ConnectionType ConnectionId Credentials PassthroughBehavior RequestTemplates RequestParameters " +
	"ContentHandling TimeoutInMillis=timeout_milliseconds CacheKeyParameters CacheNamespace"}).properties()

var integrationResponseParts = (&parser{text: "StatusCode SelectionPattern ResponseParameters ResponseTemplates ContentHandling"}).properties()

var methodResponseParts = (&parser{text: "StatusCode ResponseModels ResponseParameters"}).properties()

// method has its integration within, and the responses of both, all of which
// Terraform has beside it.
func method(t *translator, i *instance) {
	properties := t.own(i)
	if all, open := t.beside("aws_api_gateway_integration", i); open != nil {
		properties = append(properties, entry("Integration", open.node()))
	} else if len(all) > 0 {
		x := all[0]
		parts := t.properties(integrationParts, x.body)
		parts = append(parts, t.listed("IntegrationResponses", "aws_api_gateway_integration_response", integrationResponseParts, i)...)
		properties = append(properties, entry("Integration", object(x.at, parts...)))
	}
	properties = append(properties, t.listed("MethodResponses", "aws_api_gateway_method_response", methodResponseParts, i)...)
	t.emit(i, "", i.row.cfn, properties)
}

// listed gives the resources of a type that are of a method, as a list.
func (t *translator) listed(property, typ string, parts []property, m *instance) []source.Entry {
	all, _ := t.beside(typ, m)
	var items []source.Node
	for _, x := range all {
		items = append(items, object(x.at, t.properties(parts, x.body)...))
	}
	if len(items) == 0 {
		return nil
	}
	return []source.Entry{entry(property, list(m.at, items...))}
}

// beside finds the resources of a type that are of the same API, resource and
// method. Where one of them does not know of which it is, it may be any: the
// gap says so.
func (t *translator) beside(typ string, m *instance) ([]*instance, *gap) {
	if t.methods == nil {
		t.methods = map[string][]*instance{}
		for _, i := range t.instances {
			if strings.HasPrefix(i.b.typ, "aws_api_gateway_") && !i.b.data {
				key := i.b.typ + " " + methodKey(i)
				t.methods[key] = append(t.methods[key], i)
			}
		}
	}
	if open := t.methods[typ+" "]; len(open) > 0 {
		return nil, &gap{"it is not known of which method " + t.shown(open[0].addr) + " is", open[0].at}
	}
	return t.methods[typ+" "+methodKey(m)], nil
}

// methodKey is what a method and what belongs to it have in common; empty where
// a part of it is not known.
func methodKey(i *instance) string {
	out := ""
	for _, argument := range []string{"rest_api_id", "resource_id", "http_method"} {
		part, known := i.body.text(argument)
		if !known {
			return ""
		}
		out += part + " "
	}
	return out
}

var settingParts = (&parser{text: "ThrottlingBurstLimit ThrottlingRateLimit LoggingLevel DataTraceEnabled MetricsEnabled CachingEnabled CacheTtlInSeconds CacheDataEncrypted=cache_data_encrypted"}).properties()

// methodSettings are a stage's, for the methods of a path.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_method_settings
func methodSettings(t *translator, i *instance) {
	f, ok := i.body.get("stage_name")
	path, _ := i.body.text("method_path")
	if !ok {
		return
	}
	n := object(i.at)
	resource, verb := "/*", "*"
	if k := strings.LastIndexByte(path, '/'); k >= 0 && path != "*/*" {
		resource, verb = "/"+path[:k], path[k+1:]
	}
	n.Entries = append(n.Entries, entry("ResourcePath", text(resource, i.at)), entry("HttpMethod", text(verb, i.at)))
	for _, b := range i.body.children("settings") {
		n.Entries = append(n.Entries, t.settings(b)...)
	}
	t.patch(i, "aws_api_gateway_stage", f, "MethodSettings", func(was source.Node) source.Node {
		return list(i.at, append(was.Items[:len(was.Items):len(was.Items)], n)...)
	})
}

// settings leaves out the limits that the provider writes as -1: there are none.
func (t *translator) settings(b body) []source.Entry {
	var out []source.Entry
	for _, e := range t.properties(settingParts, b) {
		if e.Value.Text != "-1" {
			out = append(out, e)
		}
	}
	return out
}

// httpIntegration maps the parameters of responses by status.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/apigatewayv2_integration
func httpIntegration(t *translator, i *instance) {
	properties := t.own(i)
	out := object(i.at)
	for _, b := range i.body.children("response_parameters") {
		status, _ := b.text("status_code")
		mappings, ok := b.get("mappings")
		if !ok || status == "" {
			continue
		}
		all := t.node(mappings.value, mappings.at)
		var items []source.Node
		for _, e := range all.Entries {
			items = append(items, object(b.at, entry("Destination", text(e.Key, e.KeyAt)), entry("Source", e.Value)))
		}
		out.Entries = append(out.Entries, source.Entry{Key: status, KeyAt: b.at, Value: object(b.at, entry("ResponseParameters", list(b.at, items...)))})
	}
	if len(out.Entries) > 0 {
		properties = append(properties, entry("ResponseParameters", out))
	}
	t.emit(i, "", i.row.cfn, properties)
}

var routeSettings = (&parser{text: "DataTraceEnabled DetailedMetricsEnabled LoggingLevel ThrottlingBurstLimit ThrottlingRateLimit"}).properties()

// httpStage has settings of its own for some routes.
func httpStage(t *translator, i *instance) {
	properties := t.own(i)
	out := object(i.at)
	for _, b := range i.body.children("route_settings") {
		if key, ok := b.text("route_key"); ok {
			out.Entries = append(out.Entries, source.Entry{Key: t.shown(key), KeyAt: b.at, Value: object(b.at, t.properties(routeSettings, b)...)})
		}
	}
	if len(out.Entries) > 0 {
		properties = append(properties, entry("RouteSettings", out))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// httpRoute names the parameters of a request that have to be there.
func httpRoute(t *translator, i *instance) {
	properties := t.own(i)
	out := object(i.at)
	for _, b := range i.body.children("request_parameter") {
		if key, ok := b.text("request_parameter_key"); ok {
			required := text(map[bool]string{true: "true", false: "false"}[b.flag("required", false)], b.at)
			out.Entries = append(out.Entries, source.Entry{Key: key, KeyAt: b.at, Value: object(b.at, entry("Required", required))})
		}
	}
	if len(out.Entries) > 0 {
		properties = append(properties, entry("RequestParameters", out))
	}
	t.emit(i, "", i.row.cfn, properties)
}
