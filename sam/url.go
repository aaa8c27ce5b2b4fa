package sam

import "bailey/source"

// corsKinds are the properties of a function URL's Cors.
var corsKinds = schema{"AllowOrigins": "list", "AllowMethods": "list", "AllowCredentials": "bool",
	"AllowHeaders": "list", "ExposeHeaders": "list", "MaxAge": "int"}

// functionURL makes the URL of FunctionUrlConfig, and lets everyone call it if
// its AuthType is NONE.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-functionurlconfig.html
func (t *transformer) functionURL(l *lambda) {
	config := l.prop("FunctionUrlConfig")
	if !truthy(config) {
		return
	}
	t.urlRules(l, config)
	auth := get(config, "AuthType")
	target := l.name()
	url := newResource(config.At, l.id+"Url", "AWS::Lambda::Url", l.passed(), kv{"AuthType", auth},
		kv{"TargetFunctionArn", target}, kv{"InvokeMode", get(config, "InvokeMode")})
	url.copyTruthy(config, "Cors")
	l.add(url)
	if !isText(auth, "NONE") || isIntrinsic(config) {
		return
	}
	p := place(auth.At)
	l.add(newResource(auth.At, l.id+"UrlPublicPermissions", "AWS::Lambda::Permission", l.passed(), kv{"Action", p.str("lambda:InvokeFunctionUrl")},
		kv{"FunctionName", target}, kv{"Principal", p.str("*")}, kv{"FunctionUrlAuthType", auth}),
		newResource(auth.At, l.id+"URLInvokeAllowPublicAccess", "AWS::Lambda::Permission", l.passed(), kv{"Action", p.str("lambda:InvokeFunction")},
			kv{"FunctionName", target}, kv{"Principal", p.str("*")}, kv{"InvokedViaFunctionUrl", p.bool(true)}))
}

func (t *transformer) urlRules(l *lambda, config source.Node) {
	if isIntrinsic(config) {
		return
	}
	if auth := get(config, "AuthType"); !isIntrinsic(auth) && !oneOf(auth, "AWS_IAM", "NONE") {
		t.errorf(config.At, l.id, "the AuthType of FunctionUrlConfig is AWS_IAM or NONE")
	}
	cors := get(config, "Cors")
	if !truthy(cors) || isIntrinsic(cors) {
		return
	}
	if cors.Kind != source.Map {
		t.errorf(cors.At, l.id, "the Cors of FunctionUrlConfig is a map")
	}
	for _, e := range cors.Entries {
		kind, ok := corsKinds[e.Key]
		if !ok || !isIntrinsic(e.Value) && !isKind(kind, e.Value) {
			t.errorf(e.KeyAt, l.id, "%s: the Cors of FunctionUrlConfig has no such key, or not of such a value", e.Key)
		}
	}
}
