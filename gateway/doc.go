// Package gateway is API Gateway: it answers requests to the REST (version 1)
// and HTTP (version 2) APIs of a model as AWS does, status, body, headers, event
// and log line.
//
//	request ─▶ find (host, stage, route) ─▶ admit (private, policy, authorizer,
//	           key, throttle, validation) ─▶ integrate (Lambda, HTTP, MOCK)
//	               │ a refusal at any of them        │ an answer
//	               └──────────▶ respond ◀────────────┘
//	                               └─▶ access log
//
// [New] compiles a model's APIs; [Gateway.Swap] takes the next one, and what
// counts (token buckets, quotas, authorizers' kept answers, issuers' keys) goes
// on. What an API asks for that is not here is in [Gateway.Refused], and a
// request for it is answered with its name.
//
// It is not a server (world opens the ports and says where each connection came
// from: wire.Origin), it runs no function (Invoker) and opens no connection
// (Config's Fetch, Internet and Dial). The rule it obeys: every way through is
// an explicit one, so what is missing, unknown or malformed refuses.
//
// The layers stand in the order of their documentation: the resource policy
// and the authorizer, then the API key with its usage plan, then throttling of
// the stage and of the account, then validation.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
package gateway
