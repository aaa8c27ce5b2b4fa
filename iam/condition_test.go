package iam

import "testing"

// TestConditions has at least one row for each operator, prefix and suffix.
// The request has one value (or none: "") for aws:k.
func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		operator, value, got string
		want                 Effect
	}{
		{"StringEquals", "a", "a", Allow},
		{"StringEquals", "a", "A", ImplicitDeny},
		{"StringEquals", "a*", "ab", ImplicitDeny},
		{"StringEquals", "a${*}", "a*", Allow},
		{"StringEquals", "a", "", ImplicitDeny},
		{"StringEqualsIfExists", "a", "", Allow},
		{"StringEqualsIfExists", "a", "b", ImplicitDeny},
		{"StringNotEquals", "a", "b", Allow},
		{"StringNotEquals", "a", "", Allow},
		{"StringNotEquals", "a", "a", ImplicitDeny},
		{"StringNotEquals", "${aws:nothing}", "a", ImplicitDeny},
		{"StringEqualsIgnoreCase", "a", "A", Allow},
		{"StringNotEqualsIgnoreCase", "a", "A", ImplicitDeny},
		{"StringLike", "a*c?", "abbcd", Allow},
		{"StringLike", "a${*}", "ab", ImplicitDeny},
		{"StringLike", "${aws:username}", "alice", Allow},
		{"StringNotLike", "a*", "b", Allow},
		{"stringlike", "a*", "ab", Allow},
		{"NumericEquals", "10.0", "10", Allow},
		{"NumericNotEquals", "10", "11", Allow},
		{"NumericNotEquals", "10", "ten", ImplicitDeny},
		{"NumericLessThan", "10", "10", ImplicitDeny},
		{"NumericLessThanEquals", "10", "10", Allow},
		{"NumericGreaterThan", "9", "10", Allow},
		{"NumericGreaterThanEquals", "11", "10", ImplicitDeny},
		{"NumericEquals", "10", "ten", ImplicitDeny},
		{"NumericEquals", "${aws:username}", "10", ImplicitDeny},
		{"DateEquals", "2026-01-01", "2026-01-01T00:00:00Z", Allow},
		{"DateNotEquals", "2026-01-01", "2026-01-02T00:00Z", Allow},
		{"DateLessThan", "2026-01-01T00:00:00Z", "1700000000", Allow},
		{"DateLessThanEquals", "1700000000", "1700000000", Allow},
		{"DateGreaterThan", "2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00Z", Allow},
		{"DateGreaterThanEquals", "2026", "2025-12-31", ImplicitDeny},
		{"DateEquals", "2026", "tomorrow", ImplicitDeny},
		{"Bool", "TRUE", "true", Allow},
		{"Bool", "false", "true", ImplicitDeny},
		{"Bool", "false", "maybe", ImplicitDeny},
		{"Bool", "true", "", ImplicitDeny},
		{"BoolIfExists", "true", "", Allow},
		{"BinaryEquals", "QmFpbGV5", "QmFpbGV5", Allow},
		{"BinaryEquals", "QmFpbGV5", "%", ImplicitDeny},
		{"IpAddress", "10.0.0.0/8", "10.1.2.3", Allow},
		{"IpAddress", "10.1.2.3/8", "10.9.9.9", Allow},
		{"IpAddress", "10.1.2.3", "10.1.2.3", Allow},
		{"IpAddress", "10.0.0.0/8", "::ffff:10.1.2.3", Allow},
		{"IpAddress", "2001:db8::/32", "2001:db8::1", Allow},
		{"IpAddress", "0.0.0.0/0", "2001:db8::1", ImplicitDeny},
		{"NotIpAddress", "10.0.0.0/8", "11.0.0.1", Allow},
		{"NotIpAddress", "10.0.0.0/8", "not an address", ImplicitDeny},
		{"ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", Allow},
		{"ArnLike", "arn:aws:sns:*:*:t?", "arn:aws:sns:us-west-2:123456789012:t1", Allow},
		{"ArnLike", "arn:*:t1", "arn:aws:sns:us-west-2:123456789012:t1", 255}, // not an ARN pattern
		{"ArnNotEquals", "arn:aws:s3:::a", "arn:aws:s3:::b", Allow},
		{"ArnNotLike", "arn:aws:s3:::*", "arn:aws:s3:::b", ImplicitDeny},
		{"ArnNotLike", "arn:aws:s3:::*", "b", ImplicitDeny},
		{"ArnLike", "arn:aws:iam::123456789012:user/${aws:username}", "arn:aws:iam::123456789012:user/alice", Allow},
		{"Null", "true", "", Allow},
		{"Null", "true", "x", ImplicitDeny},
		{"Null", "false", "x", Allow},
		{"Null", "false", "", ImplicitDeny},
		{"Null", "${aws:nothing}", "", ImplicitDeny},
		{"ForAllValues:StringEquals", "a", "", Allow},
		{"ForAnyValue:StringEquals", "a", "", ImplicitDeny},
		{"ForAnyValue:StringNotEquals", "a", "", ImplicitDeny},
		{"ForAnyValue:StringEqualsIfExists", "a", "", ImplicitDeny},
		{"ForAllValues:StringLikeIfExists", "a*", "b", ImplicitDeny},

		{"StringEquels", "a", "a", 255},
		{"NullIfExists", "true", "", 255},
		{"ForAnyValue:Null", "true", "", 255},
		{"NumericEquals", "ten", "10", 255},
		{"DateEquals", "tomorrow", "2026", 255},
		{"Bool", "perhaps", "true", 255},
		{"BinaryEquals", "%", "QmFpbGV5", 255},
		{"IpAddress", "10.0.0.0/40", "10.0.0.1", 255},
	} {
		t.Run(tt.operator+" "+tt.value+" "+tt.got, func(t *testing.T) {
			text := `{"Version":"2012-10-17","Statement":` + allow("*", when(`{"`+tt.operator+`":{"AWS:K":"`+tt.value+`"}}`)) + `}`
			p, ds := ParseJSON("policy.json", []byte(text))
			if refused := tt.want == 255; ds.HasErrors() != refused {
				t.Fatalf("refused: %v", ds)
			} else if refused {
				return
			}
			req := ask(alice, "s3:GetObject", "arn:aws:s3:::b/k")
			if tt.got != "" {
				req.Context = ctx("aws:k", tt.got)
			}
			if got := Decide(req, Policies{Identity: []Policy{p}}).Effect; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestConditionSets: several values on both sides, several keys.
func TestConditionSets(t *testing.T) {
	for _, tt := range []struct {
		name, condition string
		want            Effect
	}{
		{"values are alternatives", `{"StringEquals":{"aws:one":["x","a"]}}`, Allow},
		{"negated values exclude each", `{"StringNotEquals":{"aws:one":["x","a"]}}`, ImplicitDeny},
		{"keys add up", `{"StringEquals":{"aws:one":"a","aws:two":"a"}}`, ImplicitDeny},
		{"operators add up", `{"StringEquals":{"aws:one":"a"},"Bool":{"aws:nothing":"true"}}`, ImplicitDeny},
		{"no set operator", `{"StringEquals":{"aws:two":"a"}}`, ImplicitDeny},
		{"any", `{"ForAnyValue:StringEquals":{"aws:two":"a"}}`, Allow},
		{"any, none matches", `{"ForAnyValue:StringEquals":{"aws:two":"c"}}`, ImplicitDeny},
		{"any negated", `{"ForAnyValue:StringNotEquals":{"aws:two":"a"}}`, Allow},
		{"all", `{"ForAllValues:StringEquals":{"aws:two":["a","b","c"]}}`, Allow},
		{"all, one lacks", `{"ForAllValues:StringEquals":{"aws:two":["a"]}}`, ImplicitDeny},
		{"all negated", `{"ForAllValues:StringNotEquals":{"aws:two":["c"]}}`, Allow},
		{"a key without values is absent", `{"Null":{"aws:empty":"true"}}`, Allow},
		{"either way", `{"Null":{"aws:empty":["true","false"]}}`, Allow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := ask(alice, "s3:GetObject", "arn:aws:s3:::b/k")
			req.Context = ctx("aws:one", "a").With("aws:two", "a", "b").With("aws:empty")
			if got := Decide(req, Policies{Identity: one(t, allow("*", when(tt.condition)))}).Effect; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
