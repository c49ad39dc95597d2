// Serves HTTP on the listener at descriptor 3, with nothing but the standard library.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "fail" {
		fmt.Fprintln(os.Stderr, "cannot read the configuration")
		os.Exit(7)
	}
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "listen:", err)
		os.Exit(1)
	}
	http.HandleFunc("/hello", hello)
	http.HandleFunc("/echo", echo)
	http.HandleFunc("/headers", headers)
	http.HandleFunc("/ticks", ticks)
	http.HandleFunc("/bytes", bytes)
	http.HandleFunc("/wait", wait)
	http.HandleFunc("/begun", tell(begun))
	http.HandleFunc("/ended", tell(aborted))
	http.HandleFunc("/exit", exit)
	fmt.Fprintln(os.Stderr, http.Serve(listener, nil))
}

func hello(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, "hello "+r.URL.Query().Get("name"))
}

// echo sends each piece back as it comes.
func echo(w http.ResponseWriter, r *http.Request) {
	controller := http.NewResponseController(w)
	controller.EnableFullDuplex()
	buffer := make([]byte, 32*1024)
	for {
		n, err := r.Body.Read(buffer)
		if n > 0 {
			w.Write(buffer[:n])
			controller.Flush()
		}
		if err != nil {
			return
		}
	}
}

func headers(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s %s %s\n", r.Method, r.Host, r.RequestURI)
	for _, name := range strings.Split(r.URL.Query().Get("names"), ",") {
		fmt.Fprintf(w, "%s: %q\n", name, r.Header[http.CanonicalHeaderKey(name)])
	}
}

func ticks(w http.ResponseWriter, r *http.Request) {
	for i := range 3 {
		fmt.Fprintf(w, "tick %d\n", i)
		http.NewResponseController(w).Flush()
		time.Sleep(20 * time.Millisecond)
	}
}

func bytes(w http.ResponseWriter, r *http.Request) {
	count, _ := strconv.Atoi(r.URL.Query().Get("count"))
	block := make([]byte, 64*1024)
	for i := range block {
		block[i] = byte(i % 251)
	}
	w.Header().Set("Content-Length", strconv.Itoa(count))
	for count > 0 {
		n, err := w.Write(block[:min(count, len(block))])
		if err != nil {
			return
		}
		count -= n
	}
}

var begun, aborted = make(chan string, 100), make(chan string, 100)

// wait waits until the client is gone.
func wait(w http.ResponseWriter, r *http.Request) {
	begun <- r.URL.Query().Get("name")
	if r.URL.Query().Get("silent") == "" {
		io.WriteString(w, "waiting")
		http.NewResponseController(w).Flush()
	}
	<-r.Context().Done()
	aborted <- r.URL.Query().Get("name")
}

// tell tells the next name of those that wait has noted.
func tell(names chan string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, <-names) }
}

func exit(w http.ResponseWriter, r *http.Request) {
	os.Exit(3)
}
