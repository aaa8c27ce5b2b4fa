// Command web is what runs on the example's Lightsail instance: a web server
// on port 80 with one page that says which host answers and from what address
// the caller came. On AWS the template's UserData starts one that does the
// same.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	host, err := os.Hostname()
	if err != nil {
		log.Fatal("web: the host's name: ", err)
	}
	server := &http.Server{Addr: ":80", Handler: page(host), ReadHeaderTimeout: 5 * time.Second}
	log.Printf("web: %s listens on %s", host, server.Addr)
	log.Fatal("web: ", server.ListenAndServe())
}

// page answers every request with one line of text.
func page(host string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			caller = r.RemoteAddr
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "hello from %s, you came from %s\n", host, caller)
		log.Printf("web: %s %s from %s", r.Method, r.URL.Path, caller)
	})
}
