package lambda

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"bailey/cloud"
	engine "bailey/lambda"
	"bailey/services/wire"
)

// configuration is API_FunctionConfiguration, as far as the model knows it.
// https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
type configuration struct {
	FunctionName     string
	FunctionArn      string
	Runtime          string `json:",omitempty"`
	Role             string
	Handler          string `json:",omitempty"`
	Timeout          int
	MemorySize       int
	EphemeralStorage storage
	Version          string
	PackageType      string
	Architectures    []string
	Environment      *environment `json:",omitempty"`
	VpcConfig        *vpcConfig   `json:",omitempty"`
	LoggingConfig    logging
	TracingConfig    tracing
	RevisionId       string
	State            string
	LastUpdateStatus string
}

type (
	storage     struct{ Size int }
	environment struct{ Variables map[string]string }
	vpcConfig   struct {
		SubnetIds        []cloud.SubnetID
		SecurityGroupIds []cloud.SecurityGroupID
		VpcId            cloud.VPCID
	}
	logging struct{ LogFormat, LogGroup string }
	tracing struct{ Mode string }
)

// configure shows a function. What the template leaves open is left out.
func (a *api) configure(f cloud.Function, qualified bool) configuration {
	out := configuration{
		FunctionName: f.FunctionName, FunctionArn: f.ARN.String(), Runtime: f.Runtime, Role: f.Role.Or(""), Handler: f.Handler,
		Timeout: int(f.Timeout.Seconds()), MemorySize: f.MemoryMB, EphemeralStorage: storage{cmp.Or(f.EphemeralMB, 512)},
		Version: engine.Latest, PackageType: "Zip", Architectures: []string{cmp.Or(f.Arch, "x86_64")},
		LoggingConfig: logging{"Text", cmp.Or(f.LogGroup, "/aws/lambda/"+f.FunctionName)}, TracingConfig: tracing{"PassThrough"},
		State: "Active", LastUpdateStatus: "Successful",
	}
	out.Timeout, out.MemorySize = cmp.Or(out.Timeout, 3), cmp.Or(out.MemorySize, 128)
	if qualified {
		out.FunctionArn += ":" + engine.Latest
	}
	if f.Code.Image != "" {
		out.PackageType = "Image"
	}
	if len(f.Env) > 0 {
		out.Environment = &environment{map[string]string{}}
	}
	for _, v := range f.Env {
		if value, known := v.Value.Get(); known {
			out.Environment.Variables[v.Name] = value
		}
	}
	out.VpcConfig = a.network(f.Network)
	out.RevisionId = revision(out)
	return out
}

func (a *api) network(n *cloud.Attachment) *vpcConfig {
	if n == nil {
		return nil
	}
	out := &vpcConfig{SubnetIds: n.Subnets.Or(nil), SecurityGroupIds: n.Groups.Or(nil)}
	for _, id := range out.SubnetIds {
		if s, ok := a.cfg.Model().Subnet(id); ok {
			out.VpcId = s.VPC
		}
	}
	return out
}

// code is where a function's code is, where AWS would give a presigned URL.
type code struct {
	RepositoryType string
	Location       string `json:",omitempty"`
	ImageUri       string `json:",omitempty"`
}

func codeOf(c cloud.Code) code {
	switch {
	case c.Image != "":
		return code{RepositoryType: "ECR", ImageUri: c.Image}
	case c.S3Bucket != "":
		return code{RepositoryType: "S3", Location: "s3://" + c.S3Bucket + "/" + c.S3Key}
	case c.Dir != "":
		return code{RepositoryType: "local", Location: "file://" + c.Dir}
	}
	return code{RepositoryType: "inline"}
}

func (a *api) getFunction(_ context.Context, c *wire.Call) (any, error) {
	f, err := a.find(c)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"Configuration": a.configure(f, c.Query.Get("Qualifier") != ""), "Code": codeOf(f.Code)}
	if f.Reserved != nil {
		out["Concurrency"] = map[string]int{"ReservedConcurrentExecutions": *f.Reserved}
	}
	return out, nil
}

func (a *api) getFunctionConfiguration(_ context.Context, c *wire.Call) (any, error) {
	f, err := a.find(c)
	if err != nil {
		return nil, err
	}
	return a.configure(f, c.Query.Get("Qualifier") != ""), nil
}

// listFunctions pages by MaxItems, 50 at most, and Marker, the name of the last
// function on the page before.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
func (a *api) listFunctions(_ context.Context, c *wire.Call) (any, error) {
	limit := 50
	if text := c.Query.Get("MaxItems"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 10000 {
			return nil, wire.Errorf("InvalidParameterValueException",
				"1 validation error detected: Value '%s' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 10000", text)
		}
		limit = min(n, limit)
	}
	all := slices.SortedFunc(a.cfg.Model().Functions(), func(x, y cloud.Function) int { return cmp.Compare(x.FunctionName, y.FunctionName) })
	if marker := c.Query.Get("Marker"); marker != "" {
		after, err := base64.StdEncoding.DecodeString(marker)
		from := slices.IndexFunc(all, func(f cloud.Function) bool { return f.FunctionName == string(after) })
		if err != nil || from < 0 {
			return nil, wire.Errorf("InvalidParameterValueException", "Invalid Marker")
		}
		all = all[from+1:]
	}
	out := map[string]any{}
	if len(all) > limit {
		all = all[:limit]
		out["NextMarker"] = base64.StdEncoding.EncodeToString([]byte(all[limit-1].FunctionName))
	}
	functions := []configuration{}
	for _, f := range all {
		functions = append(functions, a.configure(f, c.Query.Get("FunctionVersion") == "ALL"))
	}
	out["Functions"] = functions
	return out, nil
}

// revision changes whenever what is shown does.
func revision(c configuration) string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings and numbers are always JSON
	}
	b := sha256.Sum256(text)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
