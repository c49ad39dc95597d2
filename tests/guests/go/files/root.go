package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

func root(dir string) error {
	r, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := r.Create("file")
	if err != nil {
		return err
	}
	_, err1 := f.WriteString("in the root")
	err2 := errors.Join(f.Close(), r.Mkdir("sub", 0o755), os.Symlink("../file", filepath.Join(dir, "sub", "link")))
	f, err = r.Open("sub/link")
	if err != nil {
		return errors.Join(err1, err2, err)
	}
	content, err3 := io.ReadAll(f)
	info, err4 := r.Lstat("sub/link")
	if err := errors.Join(err1, err2, err3, err4, f.Close()); err != nil {
		return err
	}
	list, err5 := fs.ReadDir(r.FS(), "sub")
	sub, err6 := r.OpenRoot("sub")
	if err := errors.Join(err5, err6); err != nil {
		return err
	}
	return errors.Join(
		equal("content", string(content), "in the root"),
		equal("Lstat tells a link", info.Mode()&os.ModeSymlink != 0, true),
		equal("entries", len(list), 1),
		sub.Remove("link"),
		sub.Close(),
		r.Remove("sub"),
	)
}

func rootEscape(dir string) error {
	inside := filepath.Join(dir, "inside")
	err := errors.Join(
		os.Mkdir(inside, 0o755),
		write(filepath.Join(dir, "secret"), "secret"),
		os.Symlink("../secret", filepath.Join(inside, "link")),
		os.Symlink("..", filepath.Join(inside, "up")),
	)
	if err != nil {
		return err
	}
	r, err := os.OpenRoot(inside)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, path := range []string{"../secret", "link", "up/secret", "/secret", "up/inside/link"} {
		if f, err := r.Open(path); err == nil {
			return errors.Join(errors.New("opened "+path), f.Close())
		}
	}
	return nil
}
