"""Makes the architecture of conform/testdata/formats with boto3, at the endpoint that is given."""
import io, json, sys, zipfile
import boto3

how = dict(endpoint_url=sys.argv[1], region_name="us-west-2", aws_access_key_id="testing", aws_secret_access_key="testing")
ec2, iam, functions, rest, http, s3 = (boto3.client(name, **how) for name in ("ec2", "iam", "lambda", "apigateway", "apigatewayv2", "s3"))


def called(id, name):
    ec2.create_tags(Resources=[id], Tags=[{"Key": "Name", "Value": name}])
    return id


vpc = called(ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"], "Vpc")
ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
subnets = []
for letter, zone, cidr in (("A", "us-west-2a", "10.0.0.0/24"), ("B", "us-west-2b", "10.0.1.0/24")):
    subnets.append(called(ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"], "Subnet" + letter))
    table = called(ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"], "Table" + letter)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[-1])
reader, store, endpoint = (
    called(ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"], name) for name in ("ReaderGroup", "StoreGroup", "EndpointGroup")
)
ec2.authorize_security_group_ingress(GroupId=store, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": reader}]}])
ec2.authorize_security_group_ingress(GroupId=endpoint, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}])
made = ec2.create_vpc_endpoint(
    VpcEndpointType="Interface", ServiceName="com.amazonaws.us-west-2.ssm", VpcId=vpc, PrivateDnsEnabled=True, SubnetIds=subnets, SecurityGroupIds=[endpoint]
)
called(made["VpcEndpoint"]["VpcEndpointId"], "Ssm")
image = ec2.describe_images()["Images"][0]["ImageId"]
instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", SubnetId=subnets[1], SecurityGroupIds=[store])["Instances"][0]
called(instance["InstanceId"], "Store")
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
role = iam.create_role(RoleName="ReaderRole", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
for name in ("AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole"):
    iam.attach_role_policy(RoleName="ReaderRole", PolicyArn="arn:aws:iam::aws:policy/service-role/" + name)
may = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}]}
iam.put_role_policy(RoleName="ReaderRole", PolicyName="reads", PolicyDocument=json.dumps(may))
package = io.BytesIO()
with zipfile.ZipFile(package, "w") as z:
    z.writestr("index.js", "exports.handler = async () => 1;")
reader_arn = functions.create_function(
    FunctionName="Reader", Runtime="nodejs22.x", Handler="index.handler", Code={"ZipFile": package.getvalue()}, Role=role, Timeout=10, MemorySize=256,
    Environment={"Variables": {"STORE": instance["PrivateIpAddress"] + ":5432"}}, VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [reader]},
)["FunctionArn"]
one = rest.create_rest_api(name="one", endpointConfiguration={"types": ["REGIONAL"]})["id"]
root = rest.get_resources(restApiId=one)["items"][0]["id"]
rest.put_method(restApiId=one, resourceId=root, httpMethod="GET", authorizationType="NONE")
address = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/" + reader_arn + "/invocations"
rest.put_integration(restApiId=one, resourceId=root, httpMethod="GET", type="AWS_PROXY", integrationHttpMethod="POST", uri=address)
rest.create_deployment(restApiId=one, stageName="prod")
two = http.create_api(Name="two", ProtocolType="HTTP")["ApiId"]
target = http.create_integration(ApiId=two, IntegrationType="AWS_PROXY", IntegrationUri=reader_arn, PayloadFormatVersion="2.0")["IntegrationId"]
http.create_route(ApiId=two, RouteKey="GET /", Target="integrations/" + target)
http.create_stage(ApiId=two, StageName="$default", AutoDeploy=True)
s3.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
rules = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}
notified = [{"LambdaFunctionArn": reader_arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"], "Filter": rules}]
s3.put_bucket_notification_configuration(Bucket="photos", NotificationConfiguration={"LambdaFunctionConfigurations": notified})
kms, tables, logs, pools, schedules, topics = (boto3.client(name, **how) for name in ("kms", "dynamodb", "logs", "cognito-idp", "scheduler", "sns"))
key = kms.create_key()["KeyMetadata"]["KeyId"]
kms.create_alias(AliasName="alias/app", TargetKeyId=key)
tables.create_table(
    TableName="orders", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}]
)
logs.create_log_group(logGroupName="/app")
logs.put_subscription_filter(logGroupName="/app", filterName="errors", filterPattern="ERROR", destinationArn=reader_arn)
pool = pools.create_user_pool(PoolName="users", LambdaConfig={"PreSignUp": reader_arn})["UserPool"]["Id"]
pools.create_user_pool_client(UserPoolId=pool, ClientName="web", GenerateSecret=True)
schedules.create_schedule(Name="tick", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": reader_arn, "RoleArn": role})
topic = topics.create_topic(Name="news")["TopicArn"]
topics.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=reader_arn)
