package cfn

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// readDeployment. One that names a stage makes it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-deployment.html
func readDeployment(l *loader, r *resource) {
	o := l.object(r)
	a := l.api(o, r, "RestApiId")
	if a == nil {
		return
	}
	l.spec.Deployments = append(l.spec.Deployments, cloud.Deployment{Meta: r.Meta, API: a.ID, DependsOn: r.waitsFor()})
	name := o.text("StageName", cloud.Known("")).Or("")
	if name == "" {
		return
	}
	d := object{l: l, of: o.of, n: source.Node{Kind: source.Map, At: r.At}, at: r.At}
	if c, ok := o.child("StageDescription", "AccessLogSetting", "CacheClusterEnabled", "CacheClusterSize", "CacheDataEncrypted", "CacheTtlInSeconds", "CachingEnabled",
		"CanarySetting", "ClientCertificateId", "DataTraceEnabled", "Description", "DocumentationVersion", "LoggingLevel", "MethodSettings", "MetricsEnabled",
		"Tags", "ThrottlingBurstLimit", "ThrottlingRateLimit", "TracingEnabled", "Variables"); ok {
		d = c
	}
	s := l.restStage(d, r)
	s.StageName, s.Deployment = name, r.Name
	if d.present("ThrottlingRateLimit", "ThrottlingBurstLimit") {
		s.Default = d.throttle("ThrottlingRateLimit", "ThrottlingBurstLimit")
	}
	a.Stages = append(slices.Clip(a.Stages), s)
}

// readRestStage.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-stage.html
func readRestStage(l *loader, r *resource) {
	o := l.object(r)
	a := l.api(o, r, "RestApiId")
	if a == nil {
		return
	}
	s := l.restStage(o, r)
	s.StageName = o.text("StageName", cloud.Known(r.Name)).Or(r.Name)
	id := o.text("DeploymentId", cloud.Known("")).Or("")
	s.Deployment = cmp.Or(l.partCalled("AWS::ApiGateway::Deployment", id), id)
	a.Stages = append(slices.Clip(a.Stages), s)
}

// partCalled gives the logical ID of the part of an API with an ID.
func (l *loader) partCalled(typ, id string) string {
	for _, p := range l.byRow[l.byType[typ]] {
		if p.r.Type == typ && slices.Contains([]string{p.l.apiPart(p.r, 6), p.l.apiPart(p.r, 7)}, id) {
			return p.r.Name
		}
	}
	return ""
}

func (l *loader) restStage(o object, r *resource) cloud.Stage {
	o.checkLogFormat("AccessLogSetting")
	s := cloud.Stage{Meta: r.Meta, Variables: o.values("Variables"), ClientCert: o.text("ClientCertificateId", cloud.Known("")).Or(""),
		Tracing: o.flag("TracingEnabled", false).Or(false), AccessLog: o.accessLog("AccessLogSetting"), Routes: map[string]cloud.StageRule{}}
	if o.flag("CacheClusterEnabled", false).Or(false) {
		s.CacheSizeGB = o.text("CacheClusterSize", cloud.Known("0.5")).Or("0.5")
	}
	for _, c := range o.children("MethodSettings", "CacheDataEncrypted", "CacheTtlInSeconds", "CachingEnabled", "DataTraceEnabled", "HttpMethod", "LoggingLevel",
		"MetricsEnabled", "ResourcePath", "ThrottlingBurstLimit", "ThrottlingRateLimit") {
		path := strings.ReplaceAll(c.text("ResourcePath", cloud.Known("/*")).Or("/*"), "~1", "/")
		key := c.text("HttpMethod", cloud.Known("*")).Or("*") + " /" + strings.TrimLeft(path, "/")
		rule := cloud.StageRule{Logging: c.text("LoggingLevel", cloud.Known("OFF")).Or("OFF"), DataLog: c.flag("DataTraceEnabled", false).Or(false),
			Metrics: c.flag("MetricsEnabled", false).Or(false), Caching: c.flag("CachingEnabled", false).Or(false), CacheTTL: c.seconds("CacheTtlInSeconds", 300, 0, 3600)}
		if c.present("ThrottlingRateLimit", "ThrottlingBurstLimit") {
			rule.Throttle = c.throttle("ThrottlingRateLimit", "ThrottlingBurstLimit")
		}
		s.Routes[key] = rule
	}
	return s
}

// throttle reads a token bucket; what is absent is as the account's.
func (o object) throttle(rate, burst string) *cloud.Throttle {
	return &cloud.Throttle{Rate: o.decimal(rate, -1), Burst: o.number(burst, -1, 0, 1<<31-1).Or(-1)}
}

func (o object) accessLog(key string) *cloud.AccessLog {
	c, ok := o.child(key, "DestinationArn", "Format")
	if !ok {
		return nil
	}
	return &cloud.AccessLog{Destination: c.arnOf("DestinationArn"), Format: c.text("Format", cloud.Known("")).Or(""), At: c.at}
}

// values reads a map of text whose values may be open.
func (o object) values(key string) map[string]cloud.Value[string] {
	c, ok := o.get(key)
	if !ok || c.Kind != source.Map {
		return nil
	}
	all := object{l: o.l, of: o.of + "." + key, n: c, at: c.At}
	out := map[string]cloud.Value[string]{}
	for _, e := range c.Entries {
		out[e.Key] = all.text(e.Key, cloud.Known(""))
	}
	return out
}

// waitsFor are the names in DependsOn.
func (r *resource) waitsFor() []string {
	var out []string
	for _, n := range r.dependsOn {
		out = append(out, n.Text)
	}
	return out
}

// decimal reads a number that may have a fraction.
func (o object) decimal(key string, absent float64) float64 {
	return valueOf(o, key, "a number", cloud.Known(absent), func(n source.Node) (float64, error) {
		f, err := strconv.ParseFloat(n.Text, 64)
		if err != nil || f < 0 {
			return 0, fmt.Errorf("%q is not a number from 0", n.Text)
		}
		return f, nil
	}).Or(absent)
}
