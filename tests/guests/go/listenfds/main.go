// Serves the sockets that it starts with, without any library: it tells each that is named dial* a line and prints the
// answer, and answers one connection of each other one. Before that it prints the files that its arguments name.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

func main() {
	count, _ := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	fmt.Println("sockets:", count, names)
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		fmt.Println("file:", string(text), err)
	}
	done := make(chan error)
	for i := range count {
		file := os.NewFile(uintptr(3+i), names[i])
		if strings.HasPrefix(names[i], "dial") {
			go func() { done <- greet(file) }()
		} else {
			go func() { done <- serve(file) }()
		}
	}
	fmt.Println("ready")
	for range count {
		if err := <-done; err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
}

func greet(file *os.File) error {
	conn, err := net.FileConn(file)
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "hello from %s\n", file.Name())
	line, err := bufio.NewReader(conn).ReadString('\n')
	fmt.Printf("%s got: %s", file.Name(), line)
	return err
}

func serve(file *os.File) error {
	listener, err := net.FileListener(file)
	if err != nil {
		return err
	}
	defer listener.Close()
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	line, err := bufio.NewReader(conn).ReadString('\n')
	fmt.Fprintf(conn, "%s: %s", file.Name(), line)
	return err
}
