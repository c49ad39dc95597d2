// Reads through a nil pointer, then divides by zero in a goroutine: both are run-time panics of Go, not traps of
// WebAssembly. The first is recovered from, the second ends the program with 2.
package main

import "fmt"

type node struct{ next *node }

//go:noinline
func follow(n *node) *node {
	return n.next
}

//go:noinline
func divide(a, b int) int {
	return a / b
}

func recovered() {
	defer func() { fmt.Println("recovered:", recover()) }()
	follow(nil)
}

func main() {
	recovered()
	go divide(1, 0)
	select {}
}
