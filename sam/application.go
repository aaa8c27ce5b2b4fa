package sam

import (
	"regexp"

	"bailey/source"
)

// other makes the resources of the types that nothing else writes into.
func (t *transformer) other(s samResource) []*resource {
	switch s.kind {
	case layerVersion:
		return []*resource{t.layer(s)}
	case simpleTable:
		return []*resource{t.table(s)}
	case application:
		return t.application(s)
	case graphQLAPI:
		return t.graphQL(s)
	}
	return t.capacityProvider(s)
}

var ssmReference = regexp.MustCompile(`\{\{resolve:ssm:[a-zA-Z0-9_.\-/]+(:\d+)?\}\}`)

// application makes the nested stack of an AWS::Serverless::Application. The
// template of an application in the Serverless Application Repository is copied
// by AWS at deployment; here its TemplateURL is the application's ID and
// version, which no reader finds, so what it holds stays unknown.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
func (t *transformer) application(s samResource) []*resource {
	location, p := s.prop("Location"), place(s.at)
	url, tags := location, t.createdBySAM("lambda:createdBy", s)
	if location.Kind == source.Map {
		id, version := t.repositoryApplication(s, location)
		for _, tag := range []kv{{"serverlessrepo:applicationId", id}, {"serverlessrepo:semanticVersion", version}} {
			tags.Items = append(tags.Items, p.obj(kv{"Key", p.str(tag.key)}, kv{"Value", tag.value}))
		}
		url = place(location.At).str(id.Text + "@" + version.Text)
	}
	r := newResource(s.at, s.id, "AWS::CloudFormation::Stack", s.passed(), kv{"TemplateURL", url}, kv{"Parameters", s.prop("Parameters")},
		kv{"NotificationARNs", s.prop("NotificationARNs")}, kv{"Tags", tags}, kv{"TimeoutInMinutes", s.prop("TimeoutInMinutes")})
	r.depends = s.depends
	return []*resource{r}
}

// repositoryApplication reads the ApplicationId and SemanticVersion of a
// Location, and warns that the application's template is not here.
func (t *transformer) repositoryApplication(s samResource, location source.Node) (id, version source.Node) {
	known := func(key string) source.Node {
		n := findInMap(get(t.doc, "Mappings"), t.resolve(get(location, key)))
		switch {
		case !has(location, key) || !truthy(n):
			t.errorf(location.At, s.id, "Location is a text, or has an ApplicationId and a SemanticVersion; %s is missing", key)
		case n.Kind != source.String:
			t.errorf(n.At, s.id, "%s is a text, by itself or through Ref or Fn::FindInMap", key)
		}
		return n
	}
	id, version = known("ApplicationId"), known("SemanticVersion")
	if ssmReference.MatchString(id.Text) {
		t.errorf(id.At, s.id, "ApplicationId cannot be a dynamic reference")
	}
	t.diags.Add(source.Diag{Code: "SAM_NESTED_APPLICATION", Severity: source.Warning, At: location.At,
		Summary: s.id + ": the template of an application in the Serverless Application Repository is not read; what it holds is unknown",
		Hint:    "download the application's template and give its file as Location"})
	return id, version
}
