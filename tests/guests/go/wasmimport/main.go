// Calls functions of the module "env" that the host provides beside WASI: numbers, a string, and a buffer to fill.
package main

import "fmt"

//go:wasmimport env hostadd
func hostadd(a, b int32) int32

// A string arrives as a pointer and a length (UTF-8).
//
//go:wasmimport env hostlog
func hostlog(text string)

// The host writes at most size bytes at buffer and answers how many.
//
//go:wasmimport env hostname
func hostname(buffer *byte, size uint32) uint32

//go:wasmimport env hostscale
func hostscale(a int64, factor float64) float64

func main() {
	fmt.Println("sum:", hostadd(40, 2))
	fmt.Println("scaled:", hostscale(1<<40, 0.5))
	hostlog("grüße aus dem Gast")
	buffer := make([]byte, 64)
	n := hostname(&buffer[0], uint32(len(buffer)))
	fmt.Println("name:", string(buffer[:n]))
}
