// Serves HTTP on the listener at descriptor 3 and asks for signals, as servers do to shut down in order. It answers how
// often a goroutine has ticked, every 20 ms.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"time"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "listen:", err)
		os.Exit(1)
	}
	var ticks atomic.Int64
	go func() {
		for {
			time.Sleep(20 * time.Millisecond)
			ticks.Add(1)
		}
	}()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, ticks.Load())
	})}
	go func() {
		<-signals
		server.Close()
	}()
	fmt.Fprintln(os.Stderr, server.Serve(listener))
}
