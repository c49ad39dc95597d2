// A program of preview 1 that calls functions of WIT by their names too: it waits by both, allocates for the host, prints
// by both, and exits with code 3.
package main

import (
	"fmt"
	"os"
	"time"
	"unsafe"
)

//go:wasmimport wasi:clocks/monotonic-clock@0.2.12 now
func now() uint64

//go:wasmimport wasi:clocks/monotonic-clock@0.2.12 subscribe-duration
func subscribeDuration(ns uint64) uint32

//go:wasmimport wasi:io/poll@0.2.12 [method]pollable.block
func block(pollable uint32)

//go:wasmimport wasi:io/poll@0.2.12 [resource-drop]pollable
func dropPollable(pollable uint32)

//go:wasmimport wasi:random/random@0.2.12 get-random-bytes
func getRandomBytes(length uint64, result unsafe.Pointer)

//go:wasmimport wasi:cli/stdout@0.2.12 get-stdout
func getStdout() uint32

//go:wasmimport wasi:io/streams@0.2.12 [method]output-stream.blocking-write-and-flush
func write(stream uint32, at unsafe.Pointer, length uint32, result unsafe.Pointer)

// A list in memory, whose pointers have 32 bits.
type bytes struct {
	at     uint32
	length uint32
}

// What the host has allocated.
var kept [][]byte

//go:wasmexport cabi_realloc
func realloc(_ unsafe.Pointer, _, _, size uint32) unsafe.Pointer {
	block := make([]byte, size)
	kept = append(kept, block)
	return unsafe.Pointer(unsafe.SliceData(block))
}

func main() {
	start := now()
	pollable := subscribeDuration(2_000_000)
	block(pollable)
	dropPollable(pollable)
	time.Sleep(2 * time.Millisecond)
	fmt.Println("waited:", now()-start >= 4_000_000)
	var random bytes
	for range 4 {
		getRandomBytes(1<<20, unsafe.Pointer(&random))
	}
	fmt.Println("random:", random.length, len(kept))
	stdout := getStdout()
	for i := range 3 {
		line := []byte(fmt.Sprintf("by WIT %d\n", i))
		var result [12]byte
		write(stdout, unsafe.Pointer(unsafe.SliceData(line)), uint32(len(line)), unsafe.Pointer(&result))
		fmt.Println("by preview 1", i)
	}
	if len(os.Args) > 1 && os.Args[1] == "trap" {
		dropPollable(pollable)
	}
	os.Exit(3)
}
