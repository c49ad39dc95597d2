package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func statFile(dir string) error {
	path := filepath.Join(dir, "f")
	start := time.Now()
	if err := write(path, "12345"); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	dirInfo, err := os.Stat(dir)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	same, err := f.Stat()
	if err != nil {
		return err
	}
	age := info.ModTime().Sub(start).Abs()
	return errors.Join(
		equal("name", info.Name(), "f"),
		equal("size", info.Size(), 5),
		equal("regular", info.Mode().IsRegular(), true),
		equal("directory", dirInfo.IsDir(), true),
		equal("SameFile of Stat and File.Stat", os.SameFile(info, same), true),
		equal("SameFile of a file and a directory", os.SameFile(info, dirInfo), false),
		equal(fmt.Sprintf("modified now (%v)", age), age < time.Minute, true),
	)
}

func chtimes(dir string) error {
	path := filepath.Join(dir, "f")
	if err := write(path, ""); err != nil {
		return err
	}
	// Some hosts keep times as floating-point seconds: they may be off by some microseconds.
	const tolerance = 10 * time.Microsecond
	for _, want := range []time.Time{time.Unix(1_234_567_890, 123_456_000), time.Unix(0, 0), time.Unix(1_700_000_000, 0)} {
		if err := os.Chtimes(path, want, want); err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if off := info.ModTime().Sub(want).Abs(); off > tolerance {
			return fmt.Errorf("modification time: got %v, want %v", info.ModTime(), want)
		}
	}
	before, err := os.Stat(path)
	if err != nil {
		return err
	}
	// The zero time leaves what is there.
	err = os.Chtimes(path, time.Unix(5, 0), time.Time{})
	after, statErr := os.Stat(path)
	if err = errors.Join(err, statErr); err != nil {
		return err
	}
	return equal("modification time that was left alone", after.ModTime().Sub(before.ModTime()).Abs() < tolerance, true)
}
