package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// runConnect opens connections one after another, each until its byte has come back. The client closes by a reset: ports
// that wait for a second end would run out.
func runConnect(ctx context.Context, s settings, t *tally) error {
	for ctx.Err() == nil {
		start := time.Now()
		if err := connectOnce(s); err != nil {
			return fmt.Errorf("connection %d: %w", t.count+1, err)
		}
		t.did(start)
	}
	return nil
}

func connectOnce(s settings) error {
	conn, err := dialBulk(context.Background(), s, 'c')
	if err != nil {
		return err
	}
	defer conn.Close()
	var answer [1]byte
	if _, err := io.ReadFull(conn, answer[:]); err != nil {
		return err
	}
	if answer[0] != 'c' {
		return fmt.Errorf("the answer is %q", answer)
	}
	return conn.(*net.TCPConn).SetLinger(0)
}
