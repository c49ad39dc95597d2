// Command server is what the benchmark puts under load: HTTP, bulk transfers and an echo of datagrams.
//
//	server HTTP-ADDRESS BULK-ADDRESS UDP-ADDRESS
//
// As a guest it takes the first two from its host, as the listeners at descriptors 3 and 4, and binds the third itself.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "server:", run(os.Args[1:]))
	os.Exit(1)
}

func run(addresses []string) error {
	if len(addresses) != 3 {
		return fmt.Errorf("three addresses are needed, not %d", len(addresses))
	}
	failed := make(chan error)
	for i, serve := range []func(net.Listener) error{serveHTTP, serveBulk} {
		listener, err := listen(i, addresses[i])
		if err != nil {
			return err
		}
		go func() { failed <- serve(listener) }()
	}
	conn, err := listenPacket(addresses[2])
	if err != nil {
		return err
	}
	go func() { failed <- echo(conn) }()
	fmt.Println("ready")
	return <-failed
}

func serveHTTP(listener net.Listener) error {
	hello := []byte("Hello, World!")
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(hello)
	}))
}
