package cdk

import (
	"path"
	"strings"

	"bailey/source"
)

// AssetKind says what an asset is.
type AssetKind uint8

// The kinds of assets.
const (
	File   AssetKind = iota // one file, published as it is
	Folder                  // a folder, published as a zip file
	Image                   // the folder of a Docker build
)

// An Asset is something that the app brings along and `cdk deploy` publishes.
// https://docs.aws.amazon.com/cdk/v2/guide/assets.html
type Asset struct {
	ID   string
	Kind AssetKind
	Path string // within the assembly's folder; empty where it is not there, or a command makes it
	// Where it is published: bucket and key, or repository and tag. They may
	// hold ${AWS::AccountId}, ${AWS::Region} and ${AWS::Partition}.
	Bucket, Key     string
	Repository, Tag string
	At              source.Span
}

// assets reads what a stack's assets are: those of the asset manifests that it
// depends on, and those that old assemblies state in the stack's metadata.
func (r *reader) assets(m manifest, s *Stack, metadata source.Node) []Asset {
	var out []Asset
	for _, art := range m.artifacts {
		if art.kind != "cdk:asset-manifest" || !dependsOn(s, fullID(m.dir, art.id)) {
			continue
		}
		ref, ok := r.text(art.properties, "file", art.at, "asset manifest "+art.id)
		if !ok {
			continue
		}
		name, ok := r.resolve(m.dir, ref)
		if !ok {
			continue
		}
		if n, _, ok := r.document(name, ref.At); ok {
			out = append(out, r.assetManifest(path.Dir(name), n)...)
		}
	}
	return append(out, r.legacyAssets(m, s, metadata)...)
}

func dependsOn(s *Stack, id string) bool {
	for _, d := range s.dependsOn {
		if d.id == id {
			return true
		}
	}
	return false
}

// assetManifest reads a file such as Stack.assets.json.
// https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema/lib/assets
func (r *reader) assetManifest(dir string, n source.Node) []Asset {
	var out []Asset
	files, _ := r.mapOf(n, "files", "the asset manifest")
	for _, e := range files.Entries {
		a := Asset{ID: e.Key, Kind: File, At: e.KeyAt}
		if p, _ := e.Value.Path("source", "packaging"); p.Text == "zip" {
			a.Kind = Folder
		}
		if ref, ok := e.Value.Path("source", "path"); ok {
			a.Path = r.assetPath(dir, ref, e.Key)
		}
		out = append(out, published(a, e.Value)...)
	}
	images, _ := r.mapOf(n, "dockerImages", "the asset manifest")
	for _, e := range images.Entries {
		a := Asset{ID: e.Key, Kind: Image, At: e.KeyAt}
		if ref, ok := e.Value.Path("source", "directory"); ok {
			a.Path = r.assetPath(dir, ref, e.Key)
		}
		out = append(out, published(a, e.Value)...)
	}
	return out
}

// assetPath resolves an asset's path. One outside of the assembly, as `cdk
// synth --no-staging` writes them, is not read: the answers about the network
// do not need it.
func (r *reader) assetPath(dir string, ref source.Node, id string) string {
	name, ok := within(dir, ref.Text)
	if !ok {
		r.warn("CDK_PATH_ESCAPES", ref.At, "synthesise without --no-staging, so that the assembly holds its assets", "the path %q of asset %s leads out of the assembly: it is not read", ref.Text, id)
		return ""
	}
	return name
}

// published gives the asset once for each place where it is published.
func published(a Asset, n source.Node) []Asset {
	var out []Asset
	destinations, _ := n.Get("destinations")
	for _, d := range destinations.Entries {
		text := func(key string) string { v, _ := d.Value.Get(key); return v.Text }
		a.Bucket, a.Key = text("bucketName"), text("objectKey")
		a.Repository, a.Tag = text("repositoryName"), text("imageTag")
		out = append(out, a)
	}
	return out
}

// legacyBucket stands for the bucket of the first bootstrap stack, whose name
// AWS made up.
const legacyBucket = "cdk-legacy-assets"

// legacyAssets reads the assets of stacks that use LegacyStackSynthesizer or
// the CDK's version 1. The CLI gives bucket and key in parameters, the key in
// two parts around ||.
// https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.LegacyStackSynthesizer.html
func (r *reader) legacyAssets(m manifest, s *Stack, metadata source.Node) []Asset {
	var out []Asset
	for _, e := range metadata.Entries {
		for item := range e.Value.Each() {
			kind, _ := item.Get("type")
			data, ok := item.Get("data")
			if kind.Text != "aws:cdk:asset" || !ok || data.Kind != source.Map {
				continue
			}
			out = append(out, r.legacyAsset(m, s, data))
		}
	}
	return out
}

func (r *reader) legacyAsset(m manifest, s *Stack, data source.Node) Asset {
	text := func(key string) string { v, _ := data.Get(key); return v.Text }
	a := Asset{ID: text("id"), At: data.At}
	if ref, ok := data.Get("path"); ok {
		a.Path = r.assetPath(m.dir, ref, a.ID)
	}
	give := func(key, value string) {
		if name := text(key); name != "" {
			s.Parameters[name] = source.Node{Kind: source.String, Text: value, At: data.At}
		}
	}
	switch text("packaging") {
	case "container-image":
		a.Kind, a.Repository, a.Tag = Image, text("repositoryName"), text("imageTag")
		return a
	case "zip":
		a.Kind, a.Key = Folder, a.ID+".zip"
	default:
		a.Kind, a.Key = File, a.ID+path.Ext(a.Path)
	}
	a.Bucket = legacyBucket
	give("s3BucketParameter", a.Bucket)
	give("s3KeyParameter", "||"+a.Key)
	give("artifactHashParameter", text("sourceHash"))
	return a
}

// settled replaces the pseudo parameters in a destination by their values.
func settled(text string, e Environment) string {
	partition := "aws"
	switch {
	case strings.HasPrefix(e.Region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(e.Region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return strings.NewReplacer("${AWS::AccountId}", e.Account, "${AWS::Region}", e.Region, "${AWS::Partition}", partition).Replace(text)
}

// AssetOf finds the asset published as an object in a bucket.
func (s *Stack) AssetOf(bucket, key string, e Environment) (Asset, bool) {
	for _, a := range s.Assets {
		if a.Key != "" && settled(a.Key, e) == key && settled(a.Bucket, e) == bucket {
			return a, true
		}
	}
	return Asset{}, false
}

// ImageOf finds the asset published as an image, by its URI.
func (s *Stack) ImageOf(uri string, e Environment) (Asset, bool) {
	_, name, ok := strings.Cut(uri, "/")
	for _, a := range s.Assets {
		if ok && a.Kind == Image && a.Tag != "" && settled(a.Repository+":"+a.Tag, e) == name {
			return a, true
		}
	}
	return Asset{}, false
}
