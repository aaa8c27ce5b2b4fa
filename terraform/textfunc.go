package terraform

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"bailey/cfn/document"
	"bailey/source"
)

// textual is a function from one text to another.
func textual(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{Params: params("str", cty.String), Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			out, err := f(args[0].AsString())
			return cty.StringVal(out), err
		}})
}

func sure(f func(string) string) function.Function {
	return textual(func(s string) (string, error) { return f(s), nil })
}

// own are functions that Terraform has and cty has not, and that look into
// texts.
// https://developer.hashicorp.com/terraform/language/functions
var own = map[string]function.Function{
	"abspath": sure(path.Clean), "basename": sure(path.Base), "dirname": sure(path.Dir), "pathexpand": sure(func(s string) string { return s }),
	"base64encode": sure(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
	"base64decode": textual(func(s string) (string, error) {
		out, err := base64.StdEncoding.DecodeString(s)
		if err == nil && !utf8.Valid(out) {
			err = errors.New("the result is not valid UTF-8")
		}
		return string(out), err
	}),
	"base64gzip": textual(func(s string) (string, error) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write([]byte(s))
		return base64.StdEncoding.EncodeToString(b.Bytes()), errors.Join(err, z.Close())
	}),
	"urlencode": sure(url.QueryEscape), "textencodebase64": openOf("textencodebase64"), "textdecodebase64": openOf("textdecodebase64"),
	"strcontains": function.New(&function.Spec{Params: params("str", cty.String, "substr", cty.String), Type: function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(strings.Contains(args[0].AsString(), args[1].AsString())), nil
		}}),
	"timecmp": function.New(&function.Spec{Params: params("a", cty.String, "b", cty.String), Type: function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			a, err := time.Parse(time.RFC3339, args[0].AsString())
			b, err2 := time.Parse(time.RFC3339, args[1].AsString())
			return cty.NumberIntVal(int64(a.Compare(b))), errors.Join(err, err2)
		}}),
	"uuidv5": openOf("uuidv5"), "yamldecode": yamldecode,
}

// digests are functions of a text's bytes.
var digests = map[string]function.Function{
	"md5": digest(md5.New, hex.EncodeToString), "sha1": digest(sha1.New, hex.EncodeToString), "sha256": digest(sha256.New, hex.EncodeToString),
	"sha512": digest(sha512.New, hex.EncodeToString), "base64sha256": digest(sha256.New, base64.StdEncoding.EncodeToString),
	"base64sha512": digest(sha512.New, base64.StdEncoding.EncodeToString),
}

func digest(h func() hash.Hash, write func([]byte) string) function.Function {
	return sure(func(s string) string {
		sum := h()
		sum.Write([]byte(s))
		return write(sum.Sum(nil))
	})
}

// yamldecode reads YAML 1.2 as the rest of Bailey does.
var yamldecode = dynamic(1, func(args []cty.Value) (cty.Value, error) {
	if !isText(args[0]) {
		return cty.NilVal, errors.New("it is not text")
	}
	n, diags := document.Read("", []byte(args[0].AsString()))
	if diags.HasErrors() {
		return cty.NilVal, fmt.Errorf("%s", diags[0].Summary)
	}
	return valueOfNode(n), nil
})

// valueOfNode gives a document's value.
func valueOfNode(n source.Node) cty.Value {
	switch n.Kind {
	case source.Bool:
		b, _ := n.Bool()
		return cty.BoolVal(b)
	case source.Number:
		if v, err := cty.ParseNumberVal(n.Text); err == nil {
			return v
		}
		return cty.StringVal(n.Text)
	case source.String:
		return cty.StringVal(n.Text)
	case source.List:
		items := make([]cty.Value, len(n.Items))
		for i, item := range n.Items {
			items[i] = valueOfNode(item)
		}
		return cty.TupleVal(items)
	case source.Map:
		out := make(map[string]cty.Value, len(n.Entries))
		for _, e := range n.Entries {
			out[e.Key] = valueOfNode(e.Value)
		}
		return cty.ObjectVal(out)
	case source.Unknown:
		return gap{n.Text, n.At}.unknown()
	}
	return cty.NullVal(cty.DynamicPseudoType)
}
