package world

import (
	"fmt"
	"net/http"
	"time"
)

type memlogs struct{}

func (memlogs) Put(group, stream string, t time.Time, line string)    { fmt.Println("LOG", group, line) }
func (w *World) controlLogs(out http.ResponseWriter, r *http.Request) {}
