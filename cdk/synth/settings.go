package synth

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bailey/cfn/document"
	"bailey/source"
)

// FileName is what the settings of an app are called.
const FileName = "cdk.json"

// settings are those keys of cdk.json that decide what is synthesised. The
// user's own ~/.cdk.json is not read.
// https://docs.aws.amazon.com/cdk/v2/guide/cli-config.html
type settings struct {
	app     string
	build   string
	output  string // relative to the app's folder
	context map[string]any
	at      source.Span // of app
}

// read reads cdk.json, and cdk.context.json where it is there.
func read(dir string) (settings, error) {
	file := filepath.Join(dir, FileName)
	n, err := object(file)
	if err != nil {
		return settings{}, err
	}
	s := settings{output: "cdk.out", context: map[string]any{
		"aws:cdk:enable-path-metadata": true, "aws:cdk:enable-asset-metadata": true}}
	if err := s.addContext(filepath.Join(dir, "cdk.context.json")); err != nil {
		return settings{}, err
	}
	var diags source.Diags
	text := func(key string, into *string) {
		v, ok := n.Get(key)
		if !ok {
			return
		}
		var words []string
		for word := range v.Each() {
			if word.Kind != source.String {
				diags.Errorf("CDK_WRONG_TYPE", word.At, "%s of %s must be text, not a %s", key, FileName, word.Kind)
			}
			words = append(words, word.Text)
		}
		*into = strings.Join(words, " ")
	}
	text("app", &s.app)
	text("build", &s.build)
	text("output", &s.output)
	app, _ := n.Get("app")
	if s.at = app.At; strings.TrimSpace(s.app) == "" {
		diags.Add(source.Diag{Code: "CDK_NO_APP", At: source.Span{File: file}, Summary: FileName + " has no app: nothing says how this CDK app is run",
			Hint: `add "app": "node bin/app.js", or synthesise it yourself and give its cdk.out`})
	}
	context, _ := n.Get("context")
	for _, e := range context.Entries {
		s.context[e.Key] = e.Value.Plain() // before that of cdk.context.json, as the CLI has it
	}
	return s, diags.Err()
}

// object reads a file that holds a JSON object.
func object(file string) (source.Node, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return source.Node{}, err
	}
	n, diags := document.Read(file, data)
	if !diags.HasErrors() && n.Kind != source.Map {
		diags.Errorf("CDK_WRONG_TYPE", n.At, "%s holds a %s, not a map", file, n.Kind)
	}
	return n, diags.Err()
}

// addContext adds the answers of look-ups that were made before.
// https://docs.aws.amazon.com/cdk/v2/guide/context.html
func (s *settings) addContext(file string) error {
	n, err := object(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range n.Entries {
		s.context[e.Key] = e.Value.Plain()
	}
	return err
}

// longest is how much of the context goes through the environment, in bytes:
// Linux takes no variable over 128 KiB.
const longest = 100_000

// environ gives the variables by which the CLI hands over the context; what is
// too long goes through a file in scratch.
// https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cx-api/lib/cxapi.ts
func (s settings) environ(scratch string) ([]string, error) {
	data, err := json.Marshal(s.context)
	if err != nil || len(data) <= longest {
		return []string{"CDK_CONTEXT_JSON=" + string(data)}, err
	}
	file := filepath.Join(scratch, "context.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return nil, err
	}
	return []string{"CDK_CONTEXT_JSON={}", "CONTEXT_OVERFLOW_LOCATION_ENV=" + file}, nil
}
