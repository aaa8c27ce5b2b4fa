package sam

import "bailey/source"

// mergeMethod puts a generated method into a definition that the user wrote:
// what is generated wins, key by key. AWS leaves a definition without any path
// as it is.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html#sam-api-mergedefinitions
func (t *transformer) mergeMethod(e event, api, method string, generated source.Node) {
	body := child(t.props(api), "DefinitionBody")
	path, p := e.prop("Path").Text, place(e.at)
	made := get(generated, "paths", path, methodName(method))
	written := get(*body, "paths")
	if !truthy(written) {
		return
	}
	paths := ensure(body, "paths", p.obj())
	item := get(*paths, path)
	if paths.Kind != source.Map || item.Kind != source.Map && truthy(item) || get(item, method).Kind != source.Map && truthy(get(item, method)) {
		t.errorf(body.At, api, "paths, the path %s and its method %s are maps in the DefinitionBody", path, method)
		return
	}
	target := ensure(paths, path, p.obj())
	merged := joined(get(*target, method), made)
	merged.At = e.at
	set(target, method, merged)
}
