// Sorts the lines of /data/words.txt into /data/sorted.txt. It cannot tell that /data is memory of its host; host.ts
// says how to build and run it.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

func sortLines(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	lines := strings.Fields(string(content))
	slices.Sort(lines)
	return os.WriteFile(to, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

func main() {
	if err := sortLines("/data/words.txt", "/data/sorted.txt"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
