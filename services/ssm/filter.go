package ssm

import (
	"slices"
	"strings"

	"bailey/services/wire"
)

// A filter is API_ParameterStringFilter.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
type filter struct {
	Key    string
	Option string
	Values []string
}

// filterOptions are what each key may be compared by; the first is the default.
var filterOptions = map[string][]string{
	"Name":     {"Equals", "BeginsWith", "Contains"},
	"Path":     {"OneLevel", "Recursive"},
	"Type":     {"Equals", "BeginsWith"},
	"KeyId":    {"Equals", "BeginsWith"},
	"Tier":     {"Equals", "BeginsWith"},
	"DataType": {"Equals", "BeginsWith"},
}

// checkFilters fills in the options that are not given. keys are those that
// the operation has on AWS.
func checkFilters(filters []filter, keys ...string) error {
	seen := map[string]bool{}
	for i := range filters {
		f := &filters[i]
		if err := f.check(keys); err != nil {
			return err
		}
		if seen[f.Key] {
			return wire.Validation("The following filter is duplicated in the request: %s. A request can contain only one occurrence of a specific filter.", f.Key)
		}
		seen[f.Key] = true
	}
	return nil
}

func (f *filter) check(keys []string) error {
	switch {
	case strings.HasPrefix(f.Key, "tag:"), f.Key == "Label":
		return wire.NotHere("the parameter filter " + f.Key)
	case !slices.Contains(keys, f.Key):
		return wire.Errorf("InvalidFilterKey", "The following filter key is not valid: %s. Valid filter keys include: [%s].",
			f.Key, strings.Join(keys, ", "))
	}
	options := filterOptions[f.Key]
	if f.Option == "" {
		f.Option = options[0]
	}
	if !slices.Contains(options, f.Option) {
		return wire.Errorf("InvalidFilterOption", "The following filter option is not valid: %s. Valid options include: [%s].",
			f.Option, strings.Join(options, ", "))
	}
	if len(f.Values) == 0 {
		return wire.Errorf("InvalidFilterValue", "The following filter values are missing : null for filter key %s", f.Key)
	}
	if f.Key == "Path" {
		for _, v := range f.Values {
			if err := checkPath(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// passes: every filter must, each by one of its values.
func passes(filters []filter, name string, of *parameter) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(f.Values, func(v string) bool { return f.match(v, name, of) }) {
			return false
		}
	}
	return true
}

func (f filter) match(value, name string, of *parameter) bool {
	has := map[string]string{"Name": name, "Type": of.Type, "KeyId": of.KeyID, "Tier": of.Tier, "DataType": "text"}[f.Key]
	switch f.Option {
	case "BeginsWith":
		return strings.HasPrefix(has, value)
	case "Contains":
		return strings.Contains(has, value)
	case "OneLevel", "Recursive":
		rest, under := strings.CutPrefix(name, strings.TrimSuffix(value, "/")+"/")
		return under && (f.Option == "Recursive" || !strings.Contains(rest, "/"))
	}
	return has == value
}
