package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// runBulkUp writes until the time is over. What it counts is what the server says that it has read, which must be all.
func runBulkUp(ctx context.Context, s settings, t *tally) error {
	conn, err := dialBulk(ctx, s, 'u')
	if err != nil {
		return err
	}
	defer conn.Close()
	chunk := make([]byte, s.chunk)
	var sent int64
	for ctx.Err() == nil {
		n, err := conn.Write(chunk)
		sent += int64(n)
		if err != nil {
			return fmt.Errorf("after %d bytes: %w", sent, err)
		}
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	var answer [8]byte
	if _, err := io.ReadFull(conn, answer[:]); err != nil {
		return fmt.Errorf("the number of bytes: %w", err)
	}
	if t.count = int64(binary.BigEndian.Uint64(answer[:])); t.count != sent {
		return fmt.Errorf("%d bytes were sent, %d arrived", sent, t.count)
	}
	return nil
}

// runBulkDown reads until the time is over.
func runBulkDown(ctx context.Context, s settings, t *tally) error {
	conn, err := dialBulk(ctx, s, 'd')
	if err != nil {
		return err
	}
	defer conn.Close()
	chunk := make([]byte, s.chunk)
	for ctx.Err() == nil {
		n, err := conn.Read(chunk)
		t.count += int64(n)
		if err != nil {
			return fmt.Errorf("after %d bytes: %w", t.count, err)
		}
	}
	return nil
}

func dialBulk(ctx context.Context, s settings, command byte) (net.Conn, error) {
	conn, err := dial(ctx, "tcp", s)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Write([]byte{command}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
