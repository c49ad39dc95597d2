// Recurses as deep as its argument says and prints the depth that it came back from.
package main

import (
	"fmt"
	"os"
	"strconv"
)

//go:noinline
func descend(levels int) int {
	if levels == 0 {
		return 0
	}
	return descend(levels-1) + 1
}

func main() {
	levels, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println(descend(levels))
}
