package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

func rename(dir string) error {
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "sub", "to")
	if err := errors.Join(os.Mkdir(filepath.Dir(to), 0o755), write(from, "content")); err != nil {
		return err
	}
	err := os.Rename(from, to)
	_, gone := os.Stat(from)
	return errors.Join(
		err,
		fails("stat of the old name", gone, os.ErrNotExist),
		holds(to, "content"),
		fails("rename what is not there", os.Rename(from, to), os.ErrNotExist),
	)
}

func renameOver(dir string) error {
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	full, empty := filepath.Join(dir, "full"), filepath.Join(dir, "empty")
	err := errors.Join(
		write(a, "new"), write(b, "old"),
		os.MkdirAll(filepath.Join(full, "below"), 0o755), os.Mkdir(empty, 0o755),
	)
	if err != nil {
		return err
	}
	over := os.Rename(a, b)
	ontoDirectory := os.Rename(b, full)
	directoryOntoFile := os.Rename(full, b)
	return errors.Join(
		over,
		holds(b, "new"),
		fails("rename a file onto a directory", ontoDirectory, os.ErrExist),
		fails("rename a directory onto a file", directoryOntoFile, syscall.ENOTDIR),
		fails("rename a directory below itself", os.Rename(full, filepath.Join(full, "below", "x")), syscall.EINVAL),
		// Package os refuses this one itself, though POSIX allows it.
		fails("rename a directory onto an empty one", os.Rename(full, empty), os.ErrExist),
		holds(b, "new"),
	)
}

func symlink(dir string) error {
	path, name := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(write(path, "through"), os.Symlink("file", name)); err != nil {
		return err
	}
	target, readErr := os.Readlink(name)
	_, notLink := os.Readlink(path)
	link, lstatErr := os.Lstat(name)
	followed, statErr := os.Stat(name)
	if err := errors.Join(readErr, lstatErr, statErr); err != nil {
		return err
	}
	return errors.Join(
		equal("target", target, "file"),
		fails("readlink of a file", notLink, syscall.EINVAL),
		equal("Lstat tells a link", link.Mode()&os.ModeSymlink != 0, true),
		equal("Stat follows", followed.Mode().IsRegular(), true),
		holds(name, "through"),
		fails("symlink over a file", os.Symlink("file", path), os.ErrExist),
		os.Remove(name),
		holds(path, "through"),
	)
}

func symlinkLoop(dir string) error {
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := errors.Join(os.Symlink("b", a), os.Symlink("a", b)); err != nil {
		return err
	}
	_, err := os.Stat(a)
	return fails("stat of a loop", err, syscall.ELOOP)
}

func link(dir string) error {
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	if err := errors.Join(write(first, "shared"), os.Link(first, second)); err != nil {
		return err
	}
	a, errA := os.Stat(first)
	b, errB := os.Stat(second)
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	return errors.Join(
		equal("SameFile", os.SameFile(a, b), true),
		write(first, "changed"),
		holds(second, "changed"),
		fails("link over a file", os.Link(first, second), os.ErrExist),
		os.Remove(first),
		holds(second, "changed"),
	)
}
