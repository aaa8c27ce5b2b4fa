package lambda

import (
	"strings"

	"bailey/cloud"
)

// Latest is the version that is invoked without a qualifier, and the only one
// there is.
const Latest = "$LATEST"

// functionName takes apart what Invoke accepts as a function: its name, its
// ARN, or account:function:name, each with a qualifier or without.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters
func functionName(s string) (name, qualifier string) {
	if _, rest, found := strings.Cut(s, "function:"); found {
		s = rest
	}
	name, qualifier, _ = strings.Cut(s, ":")
	return name, qualifier
}

// target is the function, version and ARN that a request means.
func (s *Service) target(req Request) (name, arn string, err error) {
	name, qualifier := functionName(req.Function)
	if qualifier != "" && req.Qualifier != "" && qualifier != req.Qualifier {
		return "", "", errParameter("The derived qualifier from the function name does not match the specified qualifier.")
	}
	if qualifier == "" {
		qualifier = req.Qualifier
	}
	arn = s.arn(name)
	if qualifier != "" {
		arn += ":" + qualifier
	}
	if qualifier != "" && qualifier != Latest {
		return "", "", errNotFound(arn)
	}
	return name, arn, nil
}

// arn is the ARN of a function of that name, whether or not there is one.
func (s *Service) arn(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.functions[name]; ok {
		return f.conf.ARN.String()
	}
	return cloud.ARN{Partition: "aws", Service: "lambda", Region: s.region, Account: s.account, Resource: "function:" + name}.String()
}
