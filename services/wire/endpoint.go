package wire

import (
	"net"
	"regexp"
	"strings"
)

// An Endpoint is what a host name of AWS's says about the request.
type Endpoint struct {
	Service       string // endpoint prefix, with whatever labels stand before it: ssm, abc123.execute-api
	Region        string // empty: a global endpoint, sts.amazonaws.com
	VPCEndpointID string // of an interface endpoint's own name; empty under private DNS
}

var (
	regionLabel = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
	vpceLabel   = regexp.MustCompile(`^(vpce-[0-9a-f]+)-[0-9a-z]+(-[a-z]{2}(-[a-z]+)+-[0-9]+[a-z])?$`)
	awsSuffixes = []string{".vpce.amazonaws.com", ".amazonaws.com", ".amazonaws.com.cn", ".api.aws"}
)

// ParseHost reads the forms of an AWS endpoint's name:
//
//	ssm.us-west-2.amazonaws.com       regional, also through private DNS
//	ssm-fips.us-west-2.amazonaws.com  FIPS
//	ssm.us-west-2.api.aws             dual stack
//	sts.amazonaws.com                 global
//	vpce-0a1b-2c3d.ssm.us-west-2.vpce.amazonaws.com            an interface endpoint's own
//	vpce-0a1b-2c3d-us-west-2a.ssm.us-west-2.vpce.amazonaws.com and in one zone
//
// A port does not count. https://docs.aws.amazon.com/general/latest/gr/rande.html,
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
func ParseHost(host string) (Endpoint, bool) {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, suffix := range awsSuffixes {
		if name, ok := strings.CutSuffix(host, suffix); ok && name != "" {
			return parseLabels(strings.Split(name, "."))
		}
	}
	return Endpoint{}, false
}

func parseLabels(labels []string) (Endpoint, bool) {
	var e Endpoint
	if last := labels[len(labels)-1]; regionLabel.MatchString(last) {
		e.Region, labels = last, labels[:len(labels)-1]
	}
	if n := len(labels); n > 0 && labels[n-1] == "dualstack" {
		labels = labels[:n-1]
	}
	if len(labels) > 1 {
		if m := vpceLabel.FindStringSubmatch(labels[0]); m != nil {
			e.VPCEndpointID, labels = m[1], labels[1:]
		}
	}
	e.Service = strings.TrimSuffix(strings.Join(labels, "."), "-fips")
	return e, e.Service != ""
}
