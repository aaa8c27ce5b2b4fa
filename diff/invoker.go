package diff

import (
	"slices"
	"strings"

	"bailey/cloud"
)

// invokers are those whom Lambda permissions let invoke functions. A permission
// is known by whom it is for: what it is called means nothing. One for function
// URLs says whom a URL lets in, and is told there.
// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
func invokers(m *cloud.Model) []door {
	var out []door
	for p := range m.Permissions() {
		arn, known := p.Function.Get()
		if !known || !invokes(p) || p.ViaURL.Or(false) || p.URLAuth.Or("") != "" {
			continue
		}
		d := door{kind: Permission, of: functionText(m, arn), at: p.At, typ: "AWS::Lambda::Function", policy: nothingKnown(p)}
		if d.lets = lets(m, p); d.lets.Who != Unsure {
			d.name = d.lets.Text
		} else {
			d.name = p.Name
		}
		if !slices.ContainsFunc(out, func(o door) bool { return o.key() == d.key() }) {
			out = append(out, d)
		}
	}
	return out
}

// nothingKnown reports whether neither what a permission allows is known nor
// whom: it may stand for any other.
func nothingKnown(p cloud.Permission) bool {
	_, action := p.Action.Gap()
	_, principal := p.Principal.Gap()
	return action && principal
}

// invokes reports whether a permission is for invoking.
func invokes(p cloud.Permission) bool {
	action, known := p.Action.Get()
	return !known || covers(action, "lambda:InvokeFunction")
}

// lets is whom a permission is for.
func lets(m *cloud.Model, p cloud.Permission) Admission {
	if gap := m.DoubtOf(p.Name); gap != nil {
		return unsure(*gap)
	}
	for _, v := range []cloud.Value[string]{p.Action, p.Principal, p.SourceARN, p.SourceAccount, p.OrgID, p.URLAuth} {
		if gap, open := v.Gap(); open {
			return unsure(gap)
		}
	}
	who, source, account, org := p.Principal.Or(""), p.SourceARN.Or(""), p.SourceAccount.Or(""), p.OrgID.Or("")
	a := Admission{Who: Guarded, Text: who}
	switch {
	case who == "*":
		a.Who, a.Text = Anybody, "anybody"
	case accountOf(who) != "" && accountOf(who) != m.Account():
		a.Who = Wide
	case accountOf(who) == "" && (source == "" || source == "*") && account == "" && org == "":
		a.Who, a.Text = Wide, who+" in anybody's name"
	}
	if source != "" && source != "*" {
		a.Text += " for " + resourceText(m, source)
	}
	if account != "" && account != m.Account() {
		a.Who = max(a.Who, Wide)
	}
	if account != "" {
		a.Text += " of account " + account
	}
	if org != "" {
		a.Text += " of organization " + org
	}
	if p.EventSourceToken.Or("") != "" {
		a.Text += " with its token"
	}
	if a.Who == Anybody && a.Text != "anybody" {
		a.Who = Wide
	}
	return a
}

// accountOf is the account of a principal: empty for a service.
func accountOf(principal string) string {
	if len(principal) == 12 && strings.Trim(principal, "0123456789") == "" {
		return principal
	}
	arn, err := cloud.ParseARN(principal)
	if err != nil {
		return ""
	}
	return arn.Account
}

// functionText names the function of an ARN, with the qualifier: F:live.
func functionText(m *cloud.Model, arn cloud.ARN) string {
	own, qualifier := arn.Unqualified()
	name := own.String()
	if f, ok := m.FunctionAt(arn); ok {
		name = f.Name
	}
	if qualifier != "" {
		name += ":" + qualifier
	}
	return name
}

// resourceText is an ARN with the names of the model's resources in the place of
// the identifiers that are made up for them, which differ from model to model.
func resourceText(m *cloud.Model, arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn
	}
	known := identifiers(m)
	words := strings.FieldsFunc(parts[5], func(r rune) bool { return r == ':' || r == '/' })
	at, out := 0, parts[2]+" "
	for _, w := range words {
		i := at + strings.Index(parts[5][at:], w)
		out += parts[5][at:i] + nameOr(known[w], w)
		at = i + len(w)
	}
	return out + parts[5][at:]
}

// identifiers are the names of what sends events, by what its ARN has.
func identifiers(m *cloud.Model) map[string]string {
	out := map[string]string{}
	for a := range m.APIs() {
		out[a.ID] = a.Name
	}
	for b := range m.Buckets() {
		out[b.BucketName] = b.Name
	}
	for r := range m.EventRules() {
		out[r.RuleName] = r.Name
	}
	for t := range m.Topics() {
		out[t.TopicName] = t.Name
	}
	for q := range m.Queues() {
		out[q.QueueName] = q.Name
	}
	for p := range m.UserPools() {
		out[p.ID] = p.Name
	}
	return out
}
