// Panics in main.inner: Go prints the message and its own stack to standard error, and exits with 2.
package main

//go:noinline
func inner(depth int) {
	if depth == 3 {
		panic("something is wrong")
	}
	inner(depth + 1)
}

func main() {
	inner(0)
}
