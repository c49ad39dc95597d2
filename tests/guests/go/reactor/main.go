// A reactor (-buildmode=c-shared): it exports functions and has _initialize instead of _start.
package main

import (
	"errors"
	"os"
	"time"
)

var calls int32

func init() {
	calls = 100
}

//go:wasmexport add
func add(a, b int32) int32 {
	return a + b
}

// counted shows that state is kept from call to call, and that init has run.
//
//go:wasmexport counted
func counted() int32 {
	calls++
	return calls
}

// pause sleeps, and answers how many whole milliseconds have passed.
//
//go:wasmexport pause
func pause(milliseconds int32) int64 {
	start := time.Now()
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	return time.Since(start).Milliseconds()
}

// throw panics: in a library Go prints the panic and then traps, where a command would exit with 2.
//
//go:wasmexport throw
func throw() {
	panic(errors.New("thrown by an export"))
}

//go:wasmexport exit
func exit(code int32) {
	os.Exit(int(code))
}

// main is not called in a reactor.
func main() {}
