// A Go program as a WebAssembly module.
//
// Build it:
//
//	GOOS=wasip1 GOARCH=wasm go build -o hello.wasm .
//
// Run it, from the repository's root, under the runtime that you have:
//
//	deno run -A src/cli/wasirun.ts examples/hello/hello.wasm Ada Grace
//	bun src/cli/wasirun.ts examples/hello/hello.wasm Ada Grace
//	node src/cli/wasirun.ts examples/hello/hello.wasm Ada Grace
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	fmt.Printf("Hello from Go on %s/%s!\n", runtime.GOOS, runtime.GOARCH)
	for _, name := range os.Args[1:] {
		fmt.Printf("Hello, %s!\n", name)
	}
}
