// Command authorizer is the function of both Lambda authorizers: a request
// without a token passes as anonymous, one with a valid token passes, one with
// anything else is refused. Only a REQUEST authorizer without an identity source
// asks about requests that carry no token, and only one that is never cached
// asks about each; so it is for GET /breakdowns. That of POST /breakdown has an
// identity source, and a request without a token never comes here.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
package main

import (
	"context"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"example.com/rootski/api/keys"
	"example.com/rootski/api/token"
)

// A door tells who a visitor is.
type door interface {
	Visitor(context.Context, map[string]string) (keys.Visitor, error)
}

type (
	request  = events.APIGatewayV2CustomAuthorizerV2Request
	response = events.APIGatewayV2CustomAuthorizerSimpleResponse
)

func main() {
	log.SetFlags(0)
	d, _, err := keys.NewDoor(context.Background())
	if err != nil {
		log.Fatal("authorizer: ", err)
	}
	lambda.Start(authorize(d))
}

// authorize answers false to who is refused, which the client sees as 403. An
// error is neither: the client sees 500 and may come again.
func authorize(d door) func(context.Context, request) (response, error) {
	return func(ctx context.Context, r request) (response, error) {
		v, err := d.Visitor(ctx, r.Headers)
		switch {
		case errors.Is(err, token.ErrInvalid):
			log.Printf("refused: %v", err)
			return response{}, nil
		case err != nil:
			return response{}, err
		case !v.Known:
			return response{IsAuthorized: true, Context: map[string]any{"visitor": "anonymous"}}, nil
		}
		return response{IsAuthorized: true, Context: map[string]any{"visitor": "known", "sub": v.Subject, "name": v.Name}}, nil
	}
}
