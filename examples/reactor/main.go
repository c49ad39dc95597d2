// A library in Go for a host program: it is not run, its functions are called; host.ts says how to build and use it.
package main

import "time"

var total int64

//go:wasmexport add
func add(a, b int32) int32 {
	return a + b
}

// count keeps its state in the guest from one call to the next.
//
//go:wasmexport count
func count(amount int64) int64 {
	total += amount
	return total
}

// pause sleeps. The host's event loop goes on meanwhile.
//
//go:wasmexport pause
func pause(milliseconds int32) {
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
}

// main is needed to build, but is not called.
func main() {}
