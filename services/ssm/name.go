package ssm

import (
	"regexp"
	"strings"

	"bailey/cloud"
	"bailey/services/wire"
)

// arn is a parameter's: one slash stands between "parameter" and the name,
// whether or not the name begins with one.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
func (p *Parameters) arn(name string) string {
	m := p.cfg.Model()
	return "arn:aws:ssm:" + m.Region() + ":" + m.Account() + ":parameter/" + strings.TrimPrefix(name, "/")
}

// resource is the ARN that IAM is asked for where a call names a parameter.
func (p *Parameters) resource(requested string) string {
	name, _ := cutSelector(requested)
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return p.arn(name)
}

// cutSelector takes ":3" off NAME:3; so far for names and ARNs alike.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
func cutSelector(requested string) (name, selector string) {
	from := 0
	if strings.HasPrefix(requested, "arn:") {
		from = max(strings.Index(requested, ":parameter/"), 0) + 1
	}
	if i := strings.IndexByte(requested[from:], ':'); i >= 0 {
		return requested[:from+i], requested[from+i:]
	}
	return requested, ""
}

// candidates are the names that a request may mean: an ARN does not show
// whether the name of its only level begins with a slash. None: the parameter
// is in another account or region.
func (p *Parameters) candidates(name string) []string {
	if !strings.HasPrefix(name, "arn:") {
		return []string{name}
	}
	arn, err := cloud.ParseARN(name)
	path, ok := strings.CutPrefix(arn.Resource, "parameter/")
	m := p.cfg.Model()
	if err != nil || !ok || arn.Service != "ssm" || arn.Region != m.Region() || arn.Account != m.Account() {
		return nil
	}
	if strings.Contains(path, "/") {
		return []string{"/" + path}
	}
	return []string{"/" + path, path}
}

const maxLevels = 15

// maxFullName bounds a parameter's name with what stands before it in its ARN.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html#systemsmanager-PutParameter-request-Name
const maxFullName = 1011

var nameShape = regexp.MustCompile(`^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$`)

// checkName holds a new parameter's name against the rules, in AWS's words.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html#sysman-parameter-name-constraints
func (p *Parameters) checkName(name string) error {
	bare := strings.ToLower(strings.TrimPrefix(name, "/"))
	nested := strings.Contains(name, "/")
	switch {
	case strings.HasPrefix(bare, "aws"):
		return wire.AccessDenied("No access to reserved parameter name: " + name + ".")
	case strings.HasSuffix(name, "/"):
		return wire.Validation("Parameter name must not end with slash.")
	case strings.HasPrefix(bare, "ssm"), !nameShape.MatchString(name):
		if nested {
			return wire.Validation(`Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, ` +
				`it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, ` +
				`numbers and the following 3 symbols .-_`)
		}
		return wire.Validation(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ` +
			`Only a mix of letters, numbers and the following 3 symbols .-_ are allowed.`)
	case nested && !strings.HasPrefix(name, "/"):
		return wire.Validation("Parameter name must be a fully qualified name.")
	case len(p.arn(name)) > maxFullName:
		return wire.Validation("Parameter name: the maximum length is %d characters, those of the ARN that come before the name among them.", maxFullName)
	case strings.Count(strings.TrimPrefix(name, "/"), "/")+1 > maxLevels:
		return wire.Errorf("HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of %d levels, %s has more.", maxLevels, name)
	}
	return nil
}

// checkPath holds the path of GetParametersByPath against the rules.
func checkPath(path string) error {
	if path == "/" || strings.HasPrefix(path, "/") && nameShape.MatchString(strings.TrimSuffix(path, "/")) {
		return nil
	}
	return wire.Validation(`The parameter doesn't meet the parameter name requirements. The parameter name must begin with ` +
		`a forward slash "/". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, ` +
		`numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. ` +
		`All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`)
}
