package cfn

import (
	"slices"

	"bailey/cloud"
)

// checkKeys reports, once for an API, methods that need an API key where no
// stage of the API is in a usage plan that has a key: API Gateway answers 403 to
// every call. Where a plan, its stages or the API are not described here it
// says nothing.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
func (d *deployment) checkKeys() {
	if d.apis.strayPlan {
		return
	}
	for _, a := range d.spec.APIs {
		i := slices.IndexFunc(a.Routes, func(r cloud.APIRoute) bool { return r.KeyRequired.Or(false) })
		if i < 0 || len(a.Open) > 0 || len(a.Stages) == 0 || slices.ContainsFunc(d.spec.UsagePlans, func(p cloud.UsagePlan) bool { return mayHold(p, a) }) {
			continue
		}
		d.warn("CFN_NO_USAGE_PLAN", a.Routes[i].At, "add a usage plan with the stage in its ApiStages, and a usage plan key; or take the requirement of a key away",
			"%s %s of %s needs an API key, and no usage plan with a key is of a stage of it: each call is answered with 403", a.Routes[i].Method, a.Routes[i].Path, a.Name)
	}
}

// mayHold reports whether a plan has a key, and a stage of the API or one that
// is open.
func mayHold(p cloud.UsagePlan, a cloud.API) bool {
	return len(p.Keys) > 0 && slices.ContainsFunc(p.Stages, func(s cloud.PlanStage) bool {
		return s.API == "" || s.API == a.ID && (s.Stage == "" || slices.ContainsFunc(a.Stages, func(of cloud.Stage) bool { return of.StageName == s.Stage }))
	})
}
