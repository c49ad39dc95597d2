package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const entries = 1000

func mkdir(dir string) error {
	deep := filepath.Join(dir, "a", "b", "c")
	file := filepath.Join(dir, "file")
	withoutParent := os.Mkdir(deep, 0o755)
	err := errors.Join(os.MkdirAll(deep, 0o755), os.MkdirAll(deep, 0o755), write(file, ""))
	info, statErr := os.Stat(deep)
	if err := errors.Join(err, statErr); err != nil {
		return err
	}
	return errors.Join(
		fails("mkdir without a parent", withoutParent, os.ErrNotExist),
		equal("directory", info.IsDir(), true),
		fails("mkdir of what is there", os.Mkdir(deep, 0o755), os.ErrExist),
		fails("mkdir over a file", os.Mkdir(file, 0o755), os.ErrExist),
		fails("mkdir below a file", os.Mkdir(filepath.Join(file, "x"), 0o755), syscall.ENOTDIR),
	)
}

func fill(dir string) error {
	for i := range entries {
		if err := write(filepath.Join(dir, fmt.Sprintf("entry-%04d", i)), ""); err != nil {
			return err
		}
	}
	return errors.Join(os.Mkdir(filepath.Join(dir, "z-directory"), 0o755), os.Symlink("entry-0000", filepath.Join(dir, "z-link")))
}

func readDir(dir string) error {
	if err := fill(dir); err != nil {
		return err
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if err := equal("entries", len(list), entries+2); err != nil {
		return err
	}
	for i := range entries {
		if err := equal("name", list[i].Name(), fmt.Sprintf("entry-%04d", i)); err != nil {
			return err
		}
	}
	return errors.Join(
		equal("type of a file", list[0].Type(), 0),
		equal("type of a directory", list[entries].Type(), fs.ModeDir),
		equal("type of a link", list[entries+1].Type(), fs.ModeSymlink),
	)
}

func readPieces(dir string) error {
	if err := fill(dir); err != nil {
		return err
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	for pass := range 2 {
		seen := map[string]bool{}
		for {
			names, err := f.Readdirnames(7)
			for _, name := range names {
				seen[name] = true
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		if err := equal(fmt.Sprintf("names in pass %d", pass), len(seen), entries+2); err != nil {
			return err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	return nil
}

func remove(dir string) error {
	file, full := filepath.Join(dir, "file"), filepath.Join(dir, "full")
	inner := filepath.Join(full, "inner")
	if err := errors.Join(write(file, ""), os.MkdirAll(inner, 0o755)); err != nil {
		return err
	}
	return errors.Join(
		fails("remove a directory that is not empty", os.Remove(full), syscall.ENOTEMPTY),
		os.Remove(file),
		fails("remove again", os.Remove(file), os.ErrNotExist),
		os.Remove(inner),
		os.Remove(full),
	)
}

func removeAll(dir string) error {
	outside, tree := filepath.Join(dir, "outside"), filepath.Join(dir, "tree")
	err := errors.Join(
		write(outside, "stays"),
		os.MkdirAll(filepath.Join(tree, "a", "b"), 0o755),
		write(filepath.Join(tree, "a", "file"), ""),
		write(filepath.Join(tree, "a", "b", "file"), ""),
		os.Symlink("../outside", filepath.Join(tree, "link")),
		os.Symlink("..", filepath.Join(tree, "up")),
		os.RemoveAll(tree),
	)
	_, gone := os.Lstat(tree)
	return errors.Join(
		err,
		fails("what was removed", gone, os.ErrNotExist),
		holds(outside, "stays"),
		os.RemoveAll(tree),
	)
}

func useRemoved(dir string) error {
	path := filepath.Join(dir, "f")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err1 := f.WriteString("still ")
	err2 := os.Remove(path)
	_, err3 := f.WriteString("here")
	content := make([]byte, 10)
	_, err4 := f.ReadAt(content, 0)
	return errors.Join(err1, err2, err3, err4, equal("content", string(content), "still here"))
}

func walk(dir string) error {
	tree, copied := filepath.Join(dir, "tree"), filepath.Join(dir, "copied")
	err := errors.Join(
		os.MkdirAll(filepath.Join(tree, "a"), 0o755),
		write(filepath.Join(tree, "a", "1.txt"), "one"),
		write(filepath.Join(tree, "2.txt"), "two"),
		os.CopyFS(copied, os.DirFS(tree)),
	)
	if err != nil {
		return err
	}
	visited := 0
	err = filepath.WalkDir(copied, func(string, fs.DirEntry, error) error {
		visited++
		return nil
	})
	matches, globErr := filepath.Glob(filepath.Join(copied, "*.txt"))
	return errors.Join(
		err, globErr,
		equal("visited", visited, 4),
		equal("matches", len(matches), 1),
		holds(filepath.Join(copied, "a", "1.txt"), "one"),
	)
}
