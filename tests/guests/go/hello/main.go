// Prints a greeting and ends.
package main

import "fmt"

func main() {
	fmt.Println("Hello, WASI")
}
