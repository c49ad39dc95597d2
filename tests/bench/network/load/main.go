// Command load puts a server under load and prints what it achieved as a line of JSON.
//
// The modes and what they want of the server:
//
//	http       answers GET / with status 200 and a Content-Length, on connections that stay open
//	bulk-up    reads a connection to its end, then answers the number of bytes, 8 of them, big-endian
//	bulk-down  writes to a connection until it is closed
//	udp-echo   sends each datagram back where it came from
//	connect    answers one byte with the same byte, then lets the client close
//
// A connection of bulk-up, bulk-down and connect begins with one byte that names the mode: u, d or c. In the mode
// connect it is the byte that is answered, so one server can do all three on one port.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// settings are what the command line says.
type settings struct {
	addr        string
	connections int
	duration    time.Duration
	chunk       int
}

// A mode puts load on one connection after another until the context is done, and counts what it did.
type mode func(ctx context.Context, s settings, t *tally) error

var modes = map[string]mode{
	"http":      runHTTP,
	"bulk-up":   runBulkUp,
	"bulk-down": runBulkDown,
	"udp-echo":  runUDPEcho,
	"connect":   runConnect,
}

// drainTime is how long a connection may take to end after the time is over.
const drainTime = 30 * time.Second

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run() error {
	var s settings
	addr := flag.String("addr", "127.0.0.1:8080", "address of the server")
	connections := flag.Int("connections", 32, "how many at the same time")
	seconds := flag.Float64("seconds", 5, "for how long")
	chunk := flag.Int("chunk", 64*1024, "bytes of a write (bulk-up), a read (bulk-down) or a datagram (udp-echo: at most 1024)")
	name := flag.String("mode", "http", "http, bulk-up, bulk-down, udp-echo or connect")
	flag.Parse()
	m, ok := modes[*name]
	if !ok || flag.NArg() > 0 || *connections < 1 || *seconds <= 0 || *chunk < 8 {
		flag.Usage()
		return errors.New("the command line is wrong")
	}
	s = settings{*addr, *connections, time.Duration(*seconds * float64(time.Second)), *chunk}
	tallies, elapsed, err := runAll(m, s)
	if err != nil {
		return err
	}
	r := sum(tallies, elapsed)
	if r.CPU, err = cpuSeconds(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// runAll runs a mode on all connections. The first error ends them all.
func runAll(m mode, s settings) ([]tally, time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.duration)
	defer cancel()
	tallies := make([]tally, s.connections)
	failures := make([]error, s.connections)
	start := time.Now()
	var group sync.WaitGroup
	for i := range tallies {
		group.Add(1)
		go func() {
			defer group.Done()
			if failures[i] = m(ctx, s, &tallies[i]); failures[i] != nil {
				cancel()
			}
		}()
	}
	group.Wait()
	return tallies, time.Since(start), errors.Join(failures...)
}

// A tally is what one connection achieved.
type tally struct {
	count     int64
	lost      int64
	latencies []time.Duration
}

// did counts one exchange that began at start.
func (t *tally) did(start time.Time) {
	t.count++
	t.latencies = append(t.latencies, time.Since(start))
}

// A result is what all connections achieved together: requests, bytes, datagrams or connections.
type result struct {
	Count   int64   `json:"count"`
	Lost    int64   `json:"lost"`
	Seconds float64 `json:"seconds"`
	// Fewest is the count of the connection that achieved least.
	Fewest int64 `json:"fewest"`
	// P50 and P99 are latencies in microseconds; 0 where there are none.
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	// CPU is the time of a processor that the load itself took.
	CPU float64 `json:"cpu"`
}

func sum(tallies []tally, elapsed time.Duration) result {
	r := result{Seconds: elapsed.Seconds(), Fewest: tallies[0].count}
	var latencies []time.Duration
	for _, t := range tallies {
		r.Count += t.count
		r.Lost += t.lost
		r.Fewest = min(r.Fewest, t.count)
		latencies = append(latencies, t.latencies...)
	}
	if len(latencies) > 0 {
		slices.Sort(latencies)
		r.P50, r.P99 = rank(latencies, 50), rank(latencies, 99)
	}
	return r
}

func rank(sorted []time.Duration, percent int) float64 {
	return float64(sorted[(len(sorted)-1)*percent/100].Nanoseconds()) / 1e3
}
