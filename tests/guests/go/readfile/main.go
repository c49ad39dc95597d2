// Prints the content of the files that it is given.
package main

import (
	"fmt"
	"os"
)

func main() {
	status := 0
	for _, path := range os.Args[1:] {
		content, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
		os.Stdout.Write(content)
	}
	os.Exit(status)
}
