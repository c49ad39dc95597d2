// Uses files through package os and checks every answer. Prints "ok", or each check that failed, and then exits
// with 1.
//
// It works in a new folder below its argument, or below the working directory, and removes that folder at the end.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

var checks = []struct {
	name string
	run  func(dir string) error
}{
	{"create, write, read", createWriteRead},
	{"append", appendToFile},
	{"seek, ReadAt, WriteAt", seek},
	{"truncate", truncate},
	{"O_EXCL", exclusive},
	{"open flags and errors", openErrors},
	{"stat", statFile},
	{"chtimes", chtimes},
	{"rename", rename},
	{"rename over a file, onto a directory", renameOver},
	{"symlink, readlink, lstat", symlink},
	{"symlink loop", symlinkLoop},
	{"link", link},
	{"mkdir, MkdirAll", mkdir},
	{"ReadDir of 1,000 entries", readDir},
	{"Readdirnames in pieces", readPieces},
	{"remove", remove},
	{"RemoveAll", removeAll},
	{"use of a removed file", useRemoved},
	{"WalkDir, Glob, CopyFS", walk},
	{"os.Root", root},
	{"os.Root does not let out", rootEscape},
}

func main() {
	parent := "."
	if len(os.Args) > 1 {
		parent = os.Args[1]
	}
	base, err := os.MkdirTemp(parent, "files-")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	failed := 0
	for i, check := range checks {
		dir := filepath.Join(base, fmt.Sprintf("check%d", i))
		err := os.Mkdir(dir, 0o755)
		if err == nil {
			err = check.run(dir)
		}
		if err != nil {
			failed++
			fmt.Printf("%s: %v\n", check.name, err)
		}
	}
	if err := os.RemoveAll(base); err != nil {
		failed++
		fmt.Println("removing the folder:", err)
	}
	if failed > 0 {
		os.Exit(1)
	}
	fmt.Println("ok")
}
