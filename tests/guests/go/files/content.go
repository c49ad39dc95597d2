package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

func createWriteRead(dir string) error {
	path := filepath.Join(dir, "big")
	content := bytes.Repeat([]byte{0, 1, 2, 0xfe, 0xff, '\r', '\n', 0x1a}, 100_000)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	n, err := f.Write(content)
	got, readErr := os.ReadFile(path)
	empty := filepath.Join(dir, "empty")
	return errors.Join(
		err,
		equal("bytes written", n, len(content)),
		f.Sync(),
		f.Close(),
		readErr,
		equal("same bytes read", bytes.Equal(got, content), true),
		write(empty, ""),
		holds(empty, ""),
	)
}

func appendToFile(dir string) error {
	path := filepath.Join(dir, "log")
	if err := write(path, "one\n"); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, seekErr := f.Seek(0, io.SeekStart)
	_, writeErr := f.WriteString("two\n")
	position, tellErr := f.Seek(0, io.SeekCurrent)
	return errors.Join(
		seekErr, writeErr, tellErr,
		equal("offset after appending", position, 8),
		f.Close(),
		holds(path, "one\ntwo\n"),
	)
}

func seek(dir string) error {
	path := filepath.Join(dir, "digits")
	if err := write(path, "0123456789"); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	at, err1 := f.Seek(-3, io.SeekEnd)
	rest, err2 := io.ReadAll(f)
	_, err3 := f.WriteAt([]byte("AB"), 2)
	part := make([]byte, 4)
	_, err4 := f.ReadAt(part, 1)
	here, err5 := f.Seek(0, io.SeekCurrent)
	_, before := f.Seek(-1, io.SeekStart)
	_, eof := f.ReadAt(part, 100)
	_, err6 := f.WriteAt([]byte("Z"), 12)
	return errors.Join(
		err1, err2, err3, err4, err5, err6,
		equal("offset from the end", at, 7),
		equal("rest", string(rest), "789"),
		equal("ReadAt", string(part), "1AB4"),
		equal("offset after ReadAt and WriteAt", here, 10),
		fails("seek before the start", before, syscall.EINVAL),
		fails("ReadAt past the end", eof, io.EOF),
		holds(path, "01AB456789\x00\x00Z"),
	)
}

func truncate(dir string) error {
	path := filepath.Join(dir, "f")
	if err := write(path, "0123456789"); err != nil {
		return err
	}
	err1 := os.Truncate(path, 4)
	short := holds(path, "0123")
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err2 := f.Truncate(6)
	err3 := f.Close()
	long := holds(path, "0123\x00\x00")
	f, err = os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	return errors.Join(err1, short, err2, err3, long, f.Close(), holds(path, ""))
}

func exclusive(dir string) error {
	path := filepath.Join(dir, "f")
	const flags = os.O_CREATE | os.O_EXCL | os.O_WRONLY
	f, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return err
	}
	_, again := os.OpenFile(path, flags, 0o644)
	dangling := filepath.Join(dir, "dangling")
	err = os.Symlink("nowhere", dangling)
	_, through := os.OpenFile(dangling, flags, 0o644)
	return errors.Join(
		f.Close(), err,
		fails("O_EXCL on a file", again, os.ErrExist),
		fails("O_EXCL on a dangling link", through, os.ErrExist),
	)
}

func openErrors(dir string) error {
	path := filepath.Join(dir, "f")
	if err := write(path, "content"); err != nil {
		return err
	}
	_, missing := os.Open(filepath.Join(dir, "missing"))
	_, below := os.Open(filepath.Join(path, "below"))
	_, directory := os.OpenFile(dir, os.O_WRONLY, 0)
	_, read := os.ReadFile(dir)
	readOnly, err := os.Open(path)
	if err != nil {
		return err
	}
	_, writeErr := readOnly.WriteString("x")
	closeErr := readOnly.Close()
	_, closed := readOnly.Read(make([]byte, 1))
	return errors.Join(
		closeErr,
		fails("open what is not there", missing, os.ErrNotExist),
		fails("open below a file", below, syscall.ENOTDIR),
		fails("open a directory for writing", directory, syscall.EISDIR),
		// Which error these two are depends on whether the host answers by rights.
		equal("read a directory fails", read != nil, true),
		equal("write to a file opened for reading fails", writeErr != nil, true),
		fails("read a closed file", closed, os.ErrClosed),
		holds(path, "content"),
	)
}
