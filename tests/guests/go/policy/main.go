// Tries what its arguments say with the socket calls of WasmEdge, and prints how each ended: "connect ADDRESS PORT",
// "listen ADDRESS PORT", "unix PATH" (listens), or "lookup NAME" with Go's own resolver.
package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sort"
	"strconv"
	"structs"
	"syscall"
	"unsafe"
)

//go:wasmimport wasi_snapshot_preview1 sock_open
//go:noescape
func sock_open(family, kind int32, fd *int32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_bind
//go:noescape
func sock_bind(fd int32, address *buffer, port uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_listen
func sock_listen(fd, backlog int32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_connect
//go:noescape
func sock_connect(fd int32, address *buffer, port uint32) uint32

type buffer struct {
	_      structs.HostLayout
	data   uint32
	length uint32
}

const (
	inet   = 1
	inet6  = 2
	unix   = 3
	dgram  = 1
	stream = 2
)

// bytes keeps what buffers point to.
var bytes [128]byte

func bufferOf(address string) (int32, *buffer) {
	if ip, err := netip.ParseAddr(address); err == nil {
		length := copy(bytes[:], ip.AsSlice())
		family := int32(inet)
		if length == 16 {
			family = inet6
		}
		return family, &buffer{data: uint32(uintptr(unsafe.Pointer(&bytes))), length: uint32(length)}
	}
	bytes = [128]byte{0: unix}
	copy(bytes[2:], address)
	return unix, &buffer{data: uint32(uintptr(unsafe.Pointer(&bytes))), length: 128}
}

func connect(kind int32, address string, port int) (int32, syscall.Errno) {
	family, where := bufferOf(address)
	var fd int32
	if errno := sock_open(family, kind, &fd); errno != 0 {
		return -1, syscall.Errno(errno)
	}
	return fd, syscall.Errno(sock_connect(fd, where, uint32(port)))
}

func listen(address string, port int) syscall.Errno {
	family, where := bufferOf(address)
	var fd int32
	if errno := sock_open(family, stream, &fd); errno != 0 {
		return syscall.Errno(errno)
	}
	if errno := sock_bind(fd, where, uint32(port)); errno != 0 {
		return syscall.Errno(errno)
	}
	return syscall.Errno(sock_listen(fd, 4))
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, _ := strconv.Atoi(port)
	kind := int32(stream)
	if network == "udp" {
		kind = dgram
	}
	fd, errno := connect(kind, host, number)
	if errno != 0 {
		return nil, errno
	}
	syscall.SetNonblock(int(fd), true)
	file := os.NewFile(uintptr(fd), address)
	defer file.Close()
	return net.FileConn(file)
}

func lookup(name string) string {
	resolver := &net.Resolver{PreferGo: true, Dial: dial}
	addresses, err := resolver.LookupHost(context.Background(), name)
	if err != nil {
		return err.Error()
	}
	sort.Strings(addresses)
	return fmt.Sprint(addresses)
}

func main() {
	for args := os.Args[1:]; len(args) > 0; {
		action, target, rest := args[0], args[1], args[2:]
		port := 0
		if action == "connect" || action == "listen" {
			port, _ = strconv.Atoi(rest[0])
			rest = rest[1:]
		}
		var outcome any
		switch action {
		case "connect":
			_, outcome = connect(stream, target, port)
		case "listen", "unix":
			outcome = listen(target, port)
		case "lookup":
			outcome = lookup(target)
		}
		if outcome == syscall.Errno(0) {
			outcome = "fine"
		}
		fmt.Printf("%s %s: %v\n", action, target, outcome)
		args = rest
	}
}
