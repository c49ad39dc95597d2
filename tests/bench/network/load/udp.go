package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	maxDatagram = 1024
	lostAfter   = time.Second
)

// runUDPEcho sends a datagram with a number, waits until it is back, and sends the next one.
func runUDPEcho(ctx context.Context, s settings, t *tally) error {
	conn, err := dial(ctx, "udp", s)
	if err != nil {
		return err
	}
	defer conn.Close()
	datagram := make([]byte, min(s.chunk, maxDatagram))
	echo := make([]byte, maxDatagram+1)
	for number := uint64(1); ctx.Err() == nil; number++ {
		binary.BigEndian.PutUint64(datagram, number)
		start := time.Now()
		if _, err := conn.Write(datagram); err != nil {
			return fmt.Errorf("datagram %d: %w", number, err)
		}
		if err := conn.SetReadDeadline(start.Add(lostAfter)); err != nil {
			return err
		}
		n, err := conn.Read(echo)
		// What was given up as lost may still come.
		for err == nil && n == len(datagram) && binary.BigEndian.Uint64(echo) < number {
			n, err = conn.Read(echo)
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			t.lost++
		case err != nil:
			return fmt.Errorf("echo %d: %w", number, err)
		case n != len(datagram) || binary.BigEndian.Uint64(echo) != number:
			return fmt.Errorf("echo %d has %d bytes and another number", number, n)
		default:
			t.did(start)
		}
	}
	if t.count == 0 {
		return errors.New("no datagram came back")
	}
	return nil
}
