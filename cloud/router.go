package cloud

import (
	"bailey/source"
)

// A NATInstance says of an instance, by name or ID, that it translates the
// addresses of what it forwards. What software does is in no template.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html
type NATInstance struct {
	Name string
	At   source.Span
}
