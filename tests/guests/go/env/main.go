// Prints its arguments, environment and working directory as JSON.
package main

import (
	"encoding/json"
	"os"
)

type report struct {
	Args     []string `json:"args"`
	Env      []string `json:"env"`
	Cwd      string   `json:"cwd"`
	CwdError string   `json:"cwdError,omitempty"`
}

func main() {
	r := report{Args: os.Args, Env: os.Environ()}
	cwd, err := os.Getwd()
	if err != nil {
		r.CwdError = err.Error()
	}
	r.Cwd = cwd
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		panic(err)
	}
}
