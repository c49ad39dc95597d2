package main

import (
	"encoding/binary"
	"net/netip"
	"os"
	"structs"
	"syscall"
	"unsafe"
)

// The socket functions of WasmEdge, version 2.

//go:wasmimport wasi_snapshot_preview1 sock_open
//go:noescape
func sock_open(family, kind int32, fd *int32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_bind
//go:noescape
func sock_bind(fd int32, address *buffer, port uint32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_recv_from
//go:noescape
func sock_recv_from(fd int32, pieces *buffer, count int32, address *buffer, flags int32, port *uint32, size *uint32, flagsOut *uint32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_send_to
//go:noescape
func sock_send_to(fd int32, pieces *buffer, count int32, address *buffer, port int32, flags int32, size *uint32) syscall.Errno

const (
	inet  = 1
	dgram = 1
)

// An address is a family and four bytes, in the room for the longest that there is.
type address [128]byte

// A buffer stands for bytes on the heap that its maker keeps.
type buffer struct {
	_      structs.HostLayout
	data   uint32
	length uint32
}

// A guestPacketConn waits as all files do, in Go's own scheduler, so that the rest of the guest goes on meanwhile.
type guestPacketConn struct {
	file    *os.File
	raw     syscall.RawConn
	address address
}

func listenPacket(text string) (packetConn, error) {
	local, err := netip.ParseAddrPort(text)
	if err != nil {
		return nil, err
	}
	var fd int32
	if errno := sock_open(inet, dgram, &fd); errno != 0 {
		return nil, os.NewSyscallError("sock_open", errno)
	}
	if err := syscall.SetNonblock(int(fd), true); err != nil {
		return nil, os.NewSyscallError("fd_fdstat_set_flags", err)
	}
	conn := &guestPacketConn{}
	if errno := sock_bind(fd, conn.setAddress(local.Addr()), uint32(local.Port())); errno != 0 {
		return nil, os.NewSyscallError("sock_bind", errno)
	}
	conn.file = os.NewFile(uintptr(fd), text)
	conn.raw, err = conn.file.SyscallConn()
	return conn, err
}

func (c *guestPacketConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	var port, size, flags uint32
	var errno syscall.Errno
	err := c.raw.Read(func(fd uintptr) bool {
		errno = sock_recv_from(int32(fd), bufferOf(b), 1, c.addressBuffer(), 0, &port, &size, &flags)
		return errno != syscall.EAGAIN
	})
	if err == nil && errno != 0 {
		err = os.NewSyscallError("sock_recv_from", errno)
	}
	from := netip.AddrFrom4([4]byte(c.address[2:6]))
	return int(size), netip.AddrPortFrom(from, uint16(port)), err
}

func (c *guestPacketConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	var size uint32
	var errno syscall.Errno
	where := c.setAddress(to.Addr())
	err := c.raw.Write(func(fd uintptr) bool {
		errno = sock_send_to(int32(fd), bufferOf(b), 1, where, int32(to.Port()), 0, &size)
		return errno != syscall.EAGAIN
	})
	if err == nil && errno != 0 {
		err = os.NewSyscallError("sock_send_to", errno)
	}
	return int(size), err
}

func (c *guestPacketConn) setAddress(ip netip.Addr) *buffer {
	binary.LittleEndian.PutUint16(c.address[:], inet)
	bytes := ip.As4()
	copy(c.address[2:], bytes[:])
	return c.addressBuffer()
}

func (c *guestPacketConn) addressBuffer() *buffer {
	return bufferOf(c.address[:])
}

func bufferOf(b []byte) *buffer {
	return &buffer{data: uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))), length: uint32(len(b))}
}
