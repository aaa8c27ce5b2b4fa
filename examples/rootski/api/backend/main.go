// Command backend is the API's function, in the VPC and without the internet:
//
//	GET  /breakdowns   everybody's words, taken apart; a known visitor's own first
//	POST /breakdown    saves one; for known visitors only
//
// It finds out by itself who the visitor is, from the token and the keys in
// Parameter Store. It could take the authorizer's word for it only if nothing
// but the API could ever invoke it.
package main

import (
	"context"
	"log"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/rootski/api/keys"
)

func main() {
	log.SetFlags(0)
	d, parameters, err := keys.NewDoor(context.Background())
	if err != nil {
		log.Fatal("backend: ", err)
	}
	b := &backend{door: d, words: &database{password: func(ctx context.Context) (string, error) {
		return keys.Value(ctx, parameters, os.Getenv("PASSWORD_PARAMETER"))
	}}}
	lambda.Start(b.handle)
}

// A database is opened by the first request that needs it: whatever goes wrong
// then has a request to be reported to, which an error in the init phase has
// not.
type database struct {
	password func(context.Context) (string, error)

	mu   sync.Mutex
	pool *pgxpool.Pool
}

// open gives the pool of connections, one of them: an execution environment has
// one request at a time.
func (d *database) open(ctx context.Context) (*pgxpool.Pool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pool != nil {
		return d.pool, nil
	}
	password, err := d.password(ctx)
	if err != nil {
		return nil, err
	}
	// Host, port, user and database come from PGHOST and the like.
	c, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	c.ConnConfig.Password, c.ConnConfig.ConnectTimeout, c.MaxConns = password, 3*time.Second, 1
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, schema); err != nil {
		pool.Close()
		return nil, err
	}
	d.pool = pool
	return pool, nil
}
