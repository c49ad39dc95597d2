// Prints "tick" every 20 ms from one goroutine, while another reads lines from standard input and echoes them.
//
// At the end of the input it prints how many ticks there were before the first line (or before the end, if there
// was no line). A host that blocks the whole guest in fd_read makes that 0.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

func main() {
	var ticks atomic.Int64
	go func() {
		for range time.Tick(20 * time.Millisecond) {
			ticks.Add(1)
			fmt.Println("tick")
		}
	}()

	before := int64(-1)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if before < 0 {
			before = ticks.Load()
		}
		fmt.Println("echo:", lines.Text())
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "stdin:", err)
		os.Exit(1)
	}
	if before < 0 {
		before = ticks.Load()
	}
	fmt.Println("ticks before the first line:", before)
}
