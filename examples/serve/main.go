// Serves HTTP with nothing but Go's standard library, on a listener that the host has opened.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
)

func main() {
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		log.Fatal(err)
	}
	var requests atomic.Int64
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "request %d: %s %s\n", requests.Add(1), r.Method, r.URL.Path)
	})
	http.HandleFunc("/upper", func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		io.WriteString(w, strings.ToUpper(string(text)))
	})
	log.Fatal(http.Serve(listener, nil))
}
