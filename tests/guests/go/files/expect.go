package main

import (
	"errors"
	"fmt"
	"os"
)

// equal answers an error unless got is what was wanted.
func equal[T comparable](what string, got, want T) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%s: got %v, want %v", what, got, want)
}

// fails answers an error unless err is the one that was wanted.
func fails(what string, err, want error) error {
	if errors.Is(err, want) {
		return nil
	}
	return fmt.Errorf("%s: got error %v, want %v", what, err, want)
}

// holds answers an error unless the file has this content.
func holds(path, content string) error {
	got, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return equal("content of "+path, string(got), content)
}

func write(path, content string) error {
	return os.WriteFile(path, []byte(content), 0o644)
}
