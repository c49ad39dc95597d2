// Package words counts words. Its tests show that "go test" runs in WebAssembly.
//
// With the folder that has go_wasip1_wasm_exec on PATH:
//
//	GOOS=wasip1 GOARCH=wasm go test -v .
package words

import "strings"

// Count answers how often each word is in a text. Case does not matter.
func Count(text string) map[string]int {
	counts := map[string]int{}
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		counts[strings.Trim(word, ".,;:!?")]++
	}
	return counts
}
