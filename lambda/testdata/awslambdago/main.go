// Command awslambdago is a function as most Go functions are written, on the
// unmodified aws-lambda-go, for the tests of package lambda.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type request struct {
	Do string
}

func handle(ctx context.Context, r request) (any, error) {
	switch r.Do {
	case "fail":
		return nil, errors.New("as asked")
	case "panic":
		panic("as asked")
	case "stream":
		return strings.NewReader("streamed"), nil
	case "exit":
		os.Exit(7)
	}
	c, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	fmt.Println("in the handler of", c.AwsRequestID)
	return map[string]any{
		"arn": c.InvokedFunctionArn, "name": lambdacontext.FunctionName, "memory": lambdacontext.MemoryLimitInMB,
		"stream": lambdacontext.LogStreamName, "client": c.ClientContext.Client.AppTitle,
		"deadline": time.Until(deadline) > 0, "trace": os.Getenv("_X_AMZN_TRACE_ID"),
	}, nil
}

func main() { lambda.Start(handle) }
