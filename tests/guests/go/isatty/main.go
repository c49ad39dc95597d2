// Prints which of the standard streams are character devices, as Go programs find out whether they are terminals.
package main

import (
	"fmt"
	"os"
)

func main() {
	for fd, file := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		info, err := file.Stat()
		if err != nil {
			fmt.Printf("%d: %v\n", fd, err)
			continue
		}
		fmt.Printf("%d: %t\n", fd, info.Mode()&os.ModeCharDevice != 0)
	}
}
