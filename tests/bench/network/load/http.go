package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// runHTTP asks again and again on one connection. It speaks just enough HTTP for that, since a whole client would take the
// time that the server needs on a machine with few processors.
func runHTTP(ctx context.Context, s settings, t *tally) error {
	conn, err := dial(ctx, "tcp", s)
	if err != nil {
		return err
	}
	defer conn.Close()
	request := fmt.Appendf(nil, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", s.addr)
	reader := bufio.NewReader(conn)
	for ctx.Err() == nil {
		start := time.Now()
		if _, err := conn.Write(request); err != nil {
			return fmt.Errorf("request %d: %w", t.count+1, err)
		}
		if err := skipResponse(reader); err != nil {
			return fmt.Errorf("answer %d: %w", t.count+1, err)
		}
		t.did(start)
	}
	return nil
}

func skipResponse(reader *bufio.Reader) error {
	status, err := readLine(reader)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("the status line is %q", status)
	}
	length := -1
	for {
		line, err := readLine(reader)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("there is no Content-Length")
	}
	_, err = reader.Discard(length)
	return err
}

// readLine reads a line, which is valid until the next read.
func readLine(reader *bufio.Reader) ([]byte, error) {
	line, err := reader.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

// dial connects, and sets the time at which the connection fails if it has not ended.
func dial(ctx context.Context, network string, s settings) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, s.addr)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(s.duration + drainTime))
}
