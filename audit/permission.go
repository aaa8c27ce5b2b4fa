package audit

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/path"
)

// permissionWithoutSource: a service may invoke for anybody who uses it.
var permissionWithoutSource = Rule{
	Explanation: path.Explanation{
		Code: "LAMBDA_PERMISSION_WITHOUT_SOURCE", Title: "a service may invoke the function for anybody",
		Text: "A permission for a service principal without SourceArn admits the service whoever stands behind it: any API, bucket or topic, of any account, that names this function. For S3, whose ARNs hold no account, SourceAccount is needed beside it.",
		Mend: "add SourceArn (for S3 also SourceAccount)", Source: lambdaGuide + "permissions-function-services.html"},
	Severity: High,
	find: func(m *cloud.Model, report func(Finding)) {
		for p := range m.Permissions() {
			service := p.Principal.Or("")
			arn, known := p.SourceARN.Get()
			account, known2 := p.SourceAccount.Get()
			if !strings.HasSuffix(service, ".amazonaws.com") || !known || !known2 || service == "edgelambda.amazonaws.com" {
				continue
			}
			switch {
			case arn == "" && account == "":
				report(Finding{Resource: p.Name, At: p.At, Message: fmt.Sprintf("%s lets %s invoke %s for any account: it has no SourceArn", p.Name, service, functionOf(m, p))})
			case arn == "":
				report(Finding{Resource: p.Name, At: p.At, Severity: Low, Message: fmt.Sprintf("%s lets everything of %s in account %s invoke %s: it has no SourceArn", p.Name, service, account, functionOf(m, p))})
			case service == "s3.amazonaws.com" && account == "":
				report(Finding{Resource: p.Name, At: p.At, Severity: Medium, Message: fmt.Sprintf("%s has no SourceAccount: whoever gets the bucket's name after it is deleted may invoke %s", p.Name, functionOf(m, p))})
			}
		}
	},
}

// functionOf names the function of a permission.
func functionOf(m *cloud.Model, p cloud.Permission) string {
	arn, _ := p.Function.Get()
	if f, ok := m.FunctionAt(arn); ok {
		return f.Name
	}
	return "the function"
}

// permissionWiderThanRoute: the permission for an API admits routes that do
// not lead to the function.
var permissionWiderThanRoute = Rule{
	Explanation: path.Explanation{
		Code: "LAMBDA_PERMISSION_WIDER_THAN_ROUTE", Title: "an API may invoke the function from routes that are not its own",
		Text: "SourceArn names stage, method and path of the API. With * in their place every route of the API may invoke the function, those that somebody adds tomorrow without an authorizer included.",
		Mend: "write the method and path of the route: arn:aws:execute-api:REGION:ACCOUNT:API/*/GET/items", Source: apiGuide + "api-gateway-control-access-using-iam-policies-to-invoke-api.html"},
	Severity: Low,
	find: func(m *cloud.Model, report func(Finding)) {
		for p := range m.Permissions() {
			pattern, api, ok := executeAPI(m, p)
			arn, _ := p.Function.Get()
			f, found := m.FunctionAt(arn)
			if !ok || !found {
				continue
			}
			for _, r := range api.Routes {
				if r.Method != "OPTIONS" && r.Integration != nil && !leadsTo(m, r, f) && admits(pattern, api, r) {
					report(Finding{Resource: p.Name, At: p.At, Message: fmt.Sprintf("%s lets %s invoke %s from %s too, which does not lead there", p.Name, api.Name, f.Name, routeName(r))})
					break
				}
			}
		}
	},
}

// executeAPI reads the SourceArn of a permission for an API of the model:
// what stands behind the API's ID is stage/METHOD/path.
func executeAPI(m *cloud.Model, p cloud.Permission) (pattern string, api cloud.API, ok bool) {
	arn, err := cloud.ParseARN(p.SourceARN.Or(""))
	if err != nil || arn.Service != "execute-api" {
		return "", cloud.API{}, false
	}
	id, pattern, _ := strings.Cut(arn.Resource, "/")
	for a := range m.APIs() {
		if a.ID == id {
			return pattern, a, true
		}
	}
	return "", cloud.API{}, false
}

// admits reports whether a pattern of stage/METHOD/path covers a route in one
// of the API's stages. In a pattern * stands for any text, slashes included;
// the parameters of a path appear as they are declared.
func admits(pattern string, a cloud.API, r cloud.APIRoute) bool {
	route := r.Method + r.Path
	switch {
	case r.Path == "$default":
		route = r.Path
	case r.Method == "ANY":
		route = "*" + r.Path
	}
	return slices.ContainsFunc(a.Stages, func(s cloud.Stage) bool { return iam.Like(pattern, s.StageName+"/"+route) }) ||
		len(a.Stages) == 0 && iam.Like(pattern, "stage/"+route)
}
