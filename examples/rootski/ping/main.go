// Command ping is the function of the example: four calls out of a private
// network, each as any program would make it. It knows nothing of where it
// runs: the AWS SDK has its default endpoints, and the addresses come from the
// function's environment variables.
//
// A call that fails is noted and the next one is made. Only a call that never
// comes back keeps the others from running: without a way to Systems Manager
// the first one waits longer than the function may live.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// main makes the clients once for each execution environment. Nothing here
// touches the network: the init phase must not depend on what is to be tested.
func main() {
	log.SetFlags(0) // Lambda's log has times of its own
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal("load the AWS configuration: ", err)
	}
	p := pinger{
		parameters: ssm.NewFromConfig(cfg),
		web:        &http.Client{Transport: freshConnections()},
		parameter:  os.Getenv("PARAMETER_NAME"),
		publicURL:  "http://" + os.Getenv("WEB_PUBLIC_IP"),
		privateURL: "http://" + os.Getenv("WEB_PRIVATE_IP"),
		jwksURL:    os.Getenv("JWKS_URL"),
	}
	lambda.Start(func(ctx context.Context) (Report, error) { return p.ping(ctx), nil })
}

// freshConnections is a transport that connects anew for every request. One
// that is still open from the last invocation would prove nothing about now.
func freshConnections() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	return t
}
