// Asks its host for prices, through functions that the host provides beside WASI; host.ts says how to build and run
// it.
package main

import "fmt"

// price writes the price of an article, as text, to the buffer and answers how many bytes it is; -1 if there is no
// such article. A Go string arrives at the host as two numbers, a pointer and a length.
//
//go:wasmimport shop price
func price(article string, buffer *byte, size uint32) int32

// add answers a sum, so that the simplest possible import is here too.
//
//go:wasmimport shop add
func add(a, b int32) int32

func main() {
	buffer := make([]byte, 32)
	for _, article := range []string{"tea", "rocket"} {
		if n := price(article, &buffer[0], uint32(len(buffer))); n >= 0 {
			fmt.Printf("%s: %s\n", article, buffer[:n])
		} else {
			fmt.Printf("%s: not sold here\n", article)
		}
	}
	fmt.Println("together:", add(40, 2))
}
