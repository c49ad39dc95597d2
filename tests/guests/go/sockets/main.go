// Uses sockets of WasmEdge through Go's own poller, without any library:
//
//	serve ADDRESS COUNT      sends COUNT connections back what they send, all at once
//	dial ADDRESS TEXT        sends TEXT and its end, and prints what comes back
//	many ADDRESS COUNT SIZE  dials COUNT times at once; each sends SIZE bytes and checks what comes back
//	deadline ADDRESS         reads until a deadline, and goes on after it
//	udpserve ADDRESS COUNT   sends COUNT datagrams back
//	udp ADDRESS TEXT         sends a datagram, and prints the answer
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"time"
)

func main() {
	actions := map[string]func([]string) error{
		"serve":    serve,
		"dial":     dialAndSay,
		"many":     many,
		"deadline": deadline,
		"udpserve": udpServe,
		"udp":      udp,
	}
	action, known := actions[os.Args[1]]
	if !known {
		fmt.Println("unknown:", os.Args[1])
		os.Exit(2)
	}
	if err := action(os.Args[2:]); err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func serve(args []string) error {
	listener, at, err := listen(args[0])
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Println("listening at", at)
	count, _ := strconv.Atoi(args[1])
	results := make(chan int64, count)
	for range count {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() { results <- echo(conn) }()
	}
	total := int64(0)
	for range count {
		total += <-results
	}
	fmt.Println("served", total, "bytes")
	return nil
}

func echo(conn net.Conn) int64 {
	defer conn.Close()
	count, err := io.Copy(struct{ io.Writer }{conn}, conn)
	if err != nil {
		fmt.Println("echo:", err)
	}
	return count
}

func dialAndSay(args []string) error {
	conn, err := dial(args[0])
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Println("connected to", conn.remote, "from", conn.local.Addr(), conn.local.Port() != 0)
	if _, err := io.WriteString(conn, args[1]); err != nil {
		return err
	}
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	fmt.Printf("got: %s\n", answer)
	return err
}

func many(args []string) error {
	count, _ := strconv.Atoi(args[1])
	size, _ := strconv.Atoi(args[2])
	var group sync.WaitGroup
	failures := make(chan error, count)
	for i := range count {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := exchange(args[0], i, size); err != nil {
				failures <- fmt.Errorf("connection %d: %w", i, err)
			}
		}()
	}
	group.Wait()
	close(failures)
	if err, failed := <-failures; failed {
		return err
	}
	fmt.Println("all fine:", count)
	return nil
}

func exchange(address string, number, size int) error {
	conn, err := dial(address)
	if err != nil {
		return err
	}
	defer conn.Close()
	sent := make([]byte, size)
	for i := range sent {
		sent[i] = byte(i*7 + number)
	}
	go func() {
		conn.Write(sent)
		conn.CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if err == nil && !bytes.Equal(got, sent) {
		err = fmt.Errorf("%d bytes came back of %d, or others", len(got), len(sent))
	}
	return err
}

func deadline(args []string) error {
	conn, err := dial(args[0])
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	var one [1]byte
	_, err = conn.Read(one[:])
	fmt.Println("deadline:", errors.Is(err, os.ErrDeadlineExceeded))
	conn.SetReadDeadline(time.Time{})
	go func() {
		time.Sleep(5 * time.Millisecond)
		conn.Write([]byte("x"))
	}()
	_, err = conn.Read(one[:])
	fmt.Println("afterwards:", string(one[:]), err)
	return nil
}

func udpServe(args []string) error {
	server, err := udpSocket(inet, args[0])
	if err != nil {
		return err
	}
	defer server.file.Close()
	at, err := server.local()
	if err != nil {
		return err
	}
	fmt.Println("bound to", at)
	count, _ := strconv.Atoi(args[1])
	for range count {
		var room [16]byte
		size, from, truncated, err := server.receiveFrom(room[:])
		if err != nil {
			return err
		}
		fmt.Println(size, "bytes from", from.Addr(), "truncated:", truncated)
		if err := server.sendTo(room[:size], from); err != nil {
			return err
		}
	}
	return nil
}

func udp(args []string) error {
	to, err := netip.ParseAddrPort(args[0])
	if err != nil {
		return err
	}
	client, err := udpSocket(familyOf(to.Addr()), "")
	if err != nil {
		return err
	}
	defer client.file.Close()
	if err := client.sendTo([]byte(args[1]), to); err != nil {
		return err
	}
	var room [100]byte
	size, from, _, err := client.receiveFrom(room[:])
	fmt.Printf("got: %s from %s\n", room[:size], from)
	return err
}
