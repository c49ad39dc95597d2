// Serves HTTP by the network of stock Go, as most programs do. With an argument, beside other goroutines.
package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) > 1 {
		forever := make(chan int)
		for range 50 {
			go func() { <-forever }()
		}
		go func() { log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil)) }()
		<-forever
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}
