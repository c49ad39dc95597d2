package words

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestCount(t *testing.T) {
	got := Count("Tea, tea and cake!")
	want := map[string]int{"tea": 2, "and": 1, "cake": 1}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Tests find the files of their package, as they do without WebAssembly.
func TestCountFile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "poem.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if got := Count(string(text))["the"]; got != 3 {
		t.Errorf("got %d, want 3", got)
	}
}

func TestTemporaryDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(runtime.GOOS), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("wrote %s on %s", path, runtime.GOOS)
}

func BenchmarkCount(b *testing.B) {
	for b.Loop() {
		Count("Tea, tea and cake!")
	}
}
