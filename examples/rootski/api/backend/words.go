package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// schema is applied by the first environment; two at once do not collide, since
// the lock is held until the transaction of this one message ends.
const schema = `
SELECT pg_advisory_xact_lock(7);
CREATE TABLE IF NOT EXISTS breakdowns (
	id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	word    text NOT NULL,
	parts   text[] NOT NULL,
	author  text NOT NULL,
	created timestamptz NOT NULL DEFAULT now()
)`

// A Breakdown is a word taken apart. Whose it is, nobody else is told.
type Breakdown struct {
	ID    int64    `json:"id"`
	Word  string   `json:"word"`
	Parts []string `json:"parts"`
	Mine  bool     `json:"mine,omitempty"`
}

// list gives the newest breakdowns, the author's own before all others.
func (d *database) list(ctx context.Context, author string) ([]Breakdown, error) {
	pool, err := d.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	rows, err := pool.Query(ctx, `SELECT id, word, parts, author = $1 FROM breakdowns ORDER BY author = $1 DESC, id DESC LIMIT 20`, author)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Breakdown])
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return out, nil
}

// save returns once the row is committed.
func (d *database) save(ctx context.Context, author string, b Breakdown) (id int64, err error) {
	pool, err := d.open(ctx)
	if err == nil {
		err = pool.QueryRow(ctx, `INSERT INTO breakdowns (word, parts, author) VALUES ($1, $2, $3) RETURNING id`, b.Word, b.Parts, author).Scan(&id)
	}
	if err != nil {
		return 0, fmt.Errorf("database: %w", err)
	}
	return id, nil
}
