// Connects to its argument by the network of stock Go: HOST:PORT.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	if _, err := net.Dial("tcp", os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
