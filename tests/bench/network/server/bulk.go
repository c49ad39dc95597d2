package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
)

const chunkSize = 64 * 1024

func serveBulk(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go bulk(conn)
	}
}

// bulk does what the first byte says. An error is the client's end, which it will report itself.
func bulk(conn net.Conn) {
	defer conn.Close()
	var command [1]byte
	if _, err := io.ReadFull(conn, command[:]); err != nil {
		return
	}
	switch command[0] {
	case 'u':
		readAll(conn)
	case 'd':
		writeOn(conn)
	case 'c':
		conn.Write(command[:])
		conn.Read(command[:]) // Until the client closes.
	}
}

func readAll(conn net.Conn) {
	chunk := make([]byte, chunkSize)
	var count uint64
	for {
		n, err := conn.Read(chunk)
		count += uint64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return
		}
	}
	conn.Write(binary.BigEndian.AppendUint64(nil, count))
}

func writeOn(conn net.Conn) {
	chunk := make([]byte, chunkSize)
	for {
		if _, err := conn.Write(chunk); err != nil {
			return
		}
	}
}
