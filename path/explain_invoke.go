package path

// invocationExplanations are the codes of invoking and of APIs.
var invocationExplanations = []Explanation{
	{RoleCannotCreateENI, "the function's role may not make its network interfaces", "Lambda makes the interfaces of a function in a VPC in the name of the function's role. Without ec2:CreateNetworkInterface, ec2:DescribeNetworkInterfaces and ec2:DeleteNetworkInterface the function cannot be created, or never becomes active.",
		"attach AWSLambdaVPCAccessExecutionRole to the role", lambdaGuide + "configuration-vpc.html"},
	{InterfaceQuota, "the functions of the VPC need more interfaces than the account may have", "Lambda needs one network interface for each pair of a subnet and a set of security groups, shared by all functions that have both. A group for each function, in each of many subnets, multiplies them; the quota per VPC is 500 unless it was raised, and with more the deployment fails at the functions that come last.",
		"let functions share security groups, give them fewer subnets, or have the quota raised and state it under facts.quotas.vpc-interfaces", lambdaGuide + "gettingstarted-limits.html"},
	{InvokeDenied, "the caller may not invoke the function", "An invocation must be allowed by the caller's own policies or by the function's permissions, and forbidden by none, a boundary and an endpoint's policy among them; from another account both sides must allow it. Each version and alias has an ARN and permissions of its own.",
		"allow lambda:InvokeFunction on the function in the caller's role", lambdaGuide + "access-control-identity-based.html"},
	{PermissionMissing, "no Lambda permission lets the service invoke the function", "A service has no policies of its own, so the function's permissions alone decide, by the service and by the ARN of what it acts for. API Gateway answers 500 where they do not fit; other services drop the event. A permission on the function does not cover its aliases, nor one on an alias the function.",
		"add an AWS::Lambda::Permission with the service as Principal and the right SourceArn", lambdaGuide + "access-control-resource-based.html"},
	{NoConcurrency, "the function's reserved concurrency is 0", "A function with a reserved concurrency of 0 is switched off: every invocation is throttled.",
		"raise or remove ReservedConcurrentExecutions", lambdaGuide + "configuration-concurrency.html"},
	{NotExposed, "nothing on the internet leads to the function", "The internet reaches a function through a function URL or an API and in no other way.", "nothing, if it is meant to be internal", lambdaGuide + "urls-configuration.html"},
	{URLNeedsIAM, "the function URL asks for a signature", "With AuthType AWS_IAM only signed requests of principals that are allowed lambda:InvokeFunctionUrl are answered.", "nothing, if it is meant to be internal", lambdaGuide + "urls-auth.html"},
	{URLPermissionMissing, "the function URL is open, but the function's permissions are not", "With AuthType NONE the function's permissions still decide: everybody needs lambda:InvokeFunctionUrl and, for URLs made since October 2025, lambda:InvokeFunction too. CloudFormation adds neither by itself.",
		"add permissions for * with both actions, the second with InvokedViaFunctionUrl: true", lambdaGuide + "urls-auth.html"},
	{APIHostOff, "the API's execute-api name is turned off", "With disableExecuteApiEndpoint the API answers under its custom domain names only.", "call it by its custom domain name", apiGuide + "rest-api-disable-default-endpoint.html"},
	{APIPrivate, "the API is private", "A private API is called from inside a VPC, through an interface endpoint for execute-api.", "add an interface endpoint for execute-api and allow it in the API's resource policy", apiGuide + "apigateway-private-apis.html"},
	{PublicAPIByEndpoint, "an execute-api endpoint captures the names of public APIs", "Private DNS of an execute-api endpoint answers for every execute-api name of the region, those of regional and edge-optimized APIs among them; these are not served through it and answer 403.",
		"call the public API by a custom domain name, or turn private DNS off", "https://repost.aws/knowledge-center/api-gateway-vpc-connections"},
	{APIPolicyDenies, "a policy refuses every request from there", "The API's resource policy, or that of the endpoint on the way, allows no request from there on any route, whoever sends it. A private API without a resource policy refuses everybody, and a changed policy takes effect when the API is deployed again.",
		"allow execute-api:Invoke from there", apiGuide + "apigateway-resource-policies.html"},
}
