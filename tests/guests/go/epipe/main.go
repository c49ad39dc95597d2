// Writes lines to standard output until that fails, then writes the error to standard error and exits with 3.
package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// More than any pipe holds; a reader that goes away is noticed long before.
const lines = 10_000_000

func main() {
	for i := range lines {
		if _, err := fmt.Println("line", i); err != nil {
			fmt.Fprintf(os.Stderr, "EPIPE: %t: %v\n", errors.Is(err, syscall.EPIPE), err)
			os.Exit(3)
		}
	}
	fmt.Fprintln(os.Stderr, "no error")
}
