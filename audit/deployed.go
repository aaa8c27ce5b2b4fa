package audit

import (
	"fmt"
	"regexp"
	"slices"

	"bailey/cloud"
	"bailey/path"
)

// policyNotDeployed: a stage of a REST API serves a deployment, which is a copy
// of the API made when the deployment was.
var policyNotDeployed = Rule{
	Explanation: path.Explanation{
		Code: "API_POLICY_NOT_DEPLOYED", Title: "a change of the API's policy will not take effect",
		Text: "A stage of a REST API serves a deployment: a copy of methods, authorizers and the resource policy at the moment at which it was made. CloudFormation makes one when the deployment resource is created, and never again. A policy that is edited later is stored and not enforced until there is a new deployment. CDK and SAM put a hash of the API into the deployment's name for that reason.",
		Mend: "give the AWS::ApiGateway::Deployment a new logical ID with each change of the API, or put the policy's hash into it; a deployment that does not wait for the methods can even be made before them: add DependsOn", Source: apiGuide + "apigateway-resource-policies-create-attach.html"},
	Severity: Medium,
	find: func(m *cloud.Model, report func(Finding)) {
		for d := range m.Deployments() {
			for a := range m.APIs() {
				if a.ID != d.API || a.Kind != cloud.RESTAPI || hashed.MatchString(d.Name) {
					continue
				}
				if a.Policy != nil {
					report(Finding{Resource: a.Name, At: a.Policy.At, Message: fmt.Sprintf("the policy of %s is copied into %s once, when that is created: a later change has no effect until there is a new deployment", a.Name, d.Name)})
				}
				if missed := notWaitedFor(a, d); len(missed) > 0 {
					report(Finding{Resource: d.Name, At: d.At, Message: fmt.Sprintf("%s does not wait for %s, which may be missing in what it deploys", d.Name, missed[0])})
				}
			}
		}
	},
}

// hashed are the names that SAM and the CDK give: the API's digest at the end.
var hashed = regexp.MustCompile(`[0-9a-f]{10}$`)

// notWaitedFor are the methods that a deployment does not depend on. Methods in
// an OpenAPI document are made with the API itself.
func notWaitedFor(a cloud.API, d cloud.Deployment) []string {
	var out []string
	for _, r := range a.Routes {
		if r.Type == "AWS::ApiGateway::Method" && !slices.Contains(d.DependsOn, r.Name) {
			out = append(out, r.Name)
		}
	}
	return out
}
