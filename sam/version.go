package sam

import (
	"regexp"
	"strings"

	"bailey/source"
)

var aliasName = regexp.MustCompile(`^[a-zA-Z0-9_-]*[a-zA-Z_-][a-zA-Z0-9_-]*$`)

// versionAndAlias makes the version and alias of AutoPublishAlias. The version's
// logical ID has a hash of the code, so that new code makes a new version.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
func (t *transformer) versionAndAlias(l *lambda) {
	wanted := l.prop("AutoPublishAlias")
	if !truthy(wanted) {
		return
	}
	p := place(wanted.At)
	name := t.resolve(wanted)
	if name.Kind != source.String || !aliasName.MatchString(name.Text) {
		t.errorf(wanted.At, l.id, "AutoPublishAlias is a name of letters, digits, - and _, not all digits, or a Ref to a parameter")
		return
	}
	l.aliasName = name.Text
	l.version = t.version(l, t.codeSHA(l))
	legal := strings.NewReplacer("-", "D", "_", "U").Replace(name.Text)
	l.alias = newResource(wanted.At, l.id+"Alias"+legal, "AWS::Lambda::Alias", l.passed(), kv{"Name", name},
		kv{"FunctionName", p.ref(l.id)}, kv{"FunctionVersion", p.getAtt(l.version.id, "Version")})
	l.alias.copyTruthy(l.props, "ProvisionedConcurrencyConfig")
	l.add(l.version, l.alias)
}

// codeSHA reads AutoPublishCodeSha256 and appends it to the description, so that
// the function itself changes with it.
func (t *transformer) codeSHA(l *lambda) string {
	given := l.prop("AutoPublishCodeSha256")
	if !truthy(given) {
		return ""
	}
	sha := t.resolve(given)
	if sha.Kind != source.String {
		t.errorf(given.At, l.id, "AutoPublishCodeSha256 is a text")
		return ""
	}
	p := place(given.At)
	switch description := t.resolve(l.prop("Description")); {
	case !truthy(description):
		l.fn.set("Description", sha)
	case description.Kind == source.String:
		l.fn.set("Description", p.str(description.Text+" "+sha.Text))
	default:
		l.fn.set("Description", p.obj(kv{"Fn::Join", p.list(p.str(" "), p.list(description, sha))}))
	}
	return sha.Text
}

func (t *transformer) version(l *lambda, sha string) *resource {
	p := place(l.prop("AutoPublishAlias").At)
	l.fn.set("Code", t.resolve(get(l.fn.props, "Code")))
	id := l.id + "Version" + sha[:min(10, len(sha))]
	if sha == "" {
		id = hashed(l.id+"Version", t.versionContent(l))
	}
	attrs := l.passed()
	if attrs.get("DeletionPolicy").Kind == source.Null {
		attrs = attrs.with("DeletionPolicy", versionPolicy(l))
	}
	v := newResource(l.prop("AutoPublishAlias").At, id, "AWS::Lambda::Version", attrs, kv{"FunctionName", p.ref(l.id)}, kv{"Description", l.prop("VersionDescription")})
	if l.prop("CapacityProviderConfig").Kind != source.Null {
		v.copy(l.props, "FunctionScalingConfig")
	}
	return v
}

// versionPolicy is a version's DeletionPolicy: older ones stay, but where they
// would hold capacity.
func versionPolicy(l *lambda) source.Node {
	p := place(l.prop("AutoPublishAlias").At)
	switch {
	case l.prop("VersionDeletionPolicy").Kind != source.Null:
		return l.prop("VersionDeletionPolicy")
	case l.prop("CapacityProviderConfig").Kind != source.Null:
		return p.str("Delete")
	}
	return p.str("Retain")
}

// versionContent is what a new version is published for a change of: the code,
// environment, memory and SnapStart, or with AutoPublishAliasAllProperties all.
func (t *transformer) versionContent(l *lambda) source.Node {
	if truthy(l.prop("AutoPublishAliasAllProperties")) {
		out := clone(l.fn.props)
		for _, layer := range l.prop("Layers").Items {
			if id, ok := referred(layer); ok && t.props(id) != nil && truthy(get(*t.props(id), "PublishLambdaVersion")) {
				set(&out, id, *t.props(id))
			}
		}
		return out
	}
	out := clone(get(l.fn.props, "Code"))
	for _, e := range get(l.fn.props, "Environment").Entries {
		set(&out, e.Key, e.Value)
	}
	if memory := get(l.fn.props, "MemorySize"); truthy(memory) {
		set(&out, "MemorySize", memory)
	}
	if snap := get(l.fn.props, "SnapStart"); truthy(snap) && has(snap, "ApplyOn") && !isText(get(snap, "ApplyOn"), "None") {
		set(&out, "SnapStart", snap)
	}
	return out
}
