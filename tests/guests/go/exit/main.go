// Ends with the exit code that its argument says. What is deferred must not run.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	defer fmt.Println("deferred")
	code, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println("exiting")
	os.Exit(code)
}
