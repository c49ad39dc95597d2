package main

import (
	"errors"
	"net"
	"net/netip"
	"os"
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

//go:wasmimport wasi_snapshot_preview1 sock_getsockopt
//go:noescape
func sock_getsockopt(fd int32, level, name uint32, value *int32, length uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_setsockopt
//go:noescape
func sock_setsockopt(fd int32, level, name uint32, value *int32, length uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_getlocaladdr
//go:noescape
func sock_getlocaladdr(fd int32, address *buffer, port *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_getpeeraddr
//go:noescape
func sock_getpeeraddr(fd int32, address *buffer, port *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_recv_from
//go:noescape
func sock_recv_from(fd int32, pieces *buffer, count int32, address *buffer, flags int32, port, size *uint32, outFlags *uint16) uint32

//go:wasmimport wasi_snapshot_preview1 sock_send_to
//go:noescape
func sock_send_to(fd int32, pieces *buffer, count int32, address *buffer, port uint32, flags int32, size *uint32) uint32

const (
	inet   = 1
	inet6  = 2
	dgram  = 1
	stream = 2

	solSocket = 0
	soError   = 2
)

// A buffer is a piece of memory, as the host reads it. What it points to must stay where it is, which what is on a
// goroutine's stack does not.
type buffer struct {
	_      structs.HostLayout
	data   uint32
	length uint32
}

func bufferOf(bytes []byte) *buffer {
	return &buffer{data: uint32(uintptr(unsafe.Pointer(unsafe.SliceData(bytes)))), length: uint32(len(bytes))}
}

// A socket is a descriptor that the runtime's poller waits for.
type socket struct {
	fd   int32
	file *os.File
	// addresses and data keep what a call gets and gives.
	addresses [128]byte
	data      [2048]byte
}

func errnoOf(result uint32) error {
	if result == 0 {
		return nil
	}
	return syscall.Errno(result)
}

func familyOf(address netip.Addr) int32 {
	if address.Is4() {
		return inet
	}
	return inet6
}

func newSocket(family, kind int32, name string) (*socket, error) {
	made := &socket{}
	if err := errnoOf(sock_open(family, kind, &made.fd)); err != nil {
		return nil, os.NewSyscallError("sock_open", err)
	}
	if err := syscall.SetNonblock(int(made.fd), true); err != nil {
		return nil, os.NewSyscallError("fd_fdstat_set_flags", err)
	}
	made.file = os.NewFile(uintptr(made.fd), name)
	return made, nil
}

// record is the wide form of an address.
func (s *socket) record(address netip.Addr) *buffer {
	s.addresses = [128]byte{0: byte(familyOf(address))}
	copy(s.addresses[2:], address.AsSlice())
	return bufferOf(s.addresses[:])
}

func (s *socket) recorded(port uint32) netip.AddrPort {
	length := 4
	if s.addresses[0] == inet6 {
		length = 16
	}
	address, _ := netip.AddrFromSlice(s.addresses[2 : 2+length])
	return netip.AddrPortFrom(address, uint16(port))
}

func (s *socket) local() (netip.AddrPort, error) {
	var port uint32
	err := errnoOf(sock_getlocaladdr(s.fd, bufferOf(s.addresses[:]), &port))
	return s.recorded(port), err
}

func (s *socket) peer() (netip.AddrPort, error) {
	var port uint32
	err := errnoOf(sock_getpeeraddr(s.fd, bufferOf(s.addresses[:]), &port))
	return s.recorded(port), err
}

// pendingError takes the error that the socket keeps; the length is passed by its value.
func (s *socket) pendingError() error {
	var value int32
	if err := errnoOf(sock_getsockopt(s.fd, solSocket, soError, &value, 4)); err != nil {
		return err
	}
	return errnoOf(uint32(value))
}

// untilWritable parks the goroutine until the poller says so.
func (s *socket) untilWritable() error {
	raw, err := s.file.SyscallConn()
	if err != nil {
		return err
	}
	waited := false
	return raw.Write(func(uintptr) bool {
		defer func() { waited = true }()
		return waited
	})
}

func (s *socket) connect(to netip.AddrPort) error {
	err := errnoOf(sock_connect(s.fd, s.record(to.Addr()), uint32(to.Port())))
	if errors.Is(err, syscall.EINPROGRESS) {
		if err := s.untilWritable(); err != nil {
			return err
		}
		err = s.pendingError()
	}
	return err
}

func (s *socket) bind(at netip.AddrPort) error {
	return errnoOf(sock_bind(s.fd, s.record(at.Addr()), uint32(at.Port())))
}

// A tcpConn has what the net package makes of a stream socket, and its addresses, which that does not know.
type tcpConn struct {
	net.Conn
	local, remote netip.AddrPort
}

func (c *tcpConn) CloseWrite() error {
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}

func dial(address string) (*tcpConn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	made, err := newSocket(familyOf(to.Addr()), stream, address)
	if err != nil {
		return nil, err
	}
	defer made.file.Close()
	if err := made.connect(to); err != nil {
		return nil, err
	}
	local, err := made.local()
	if err != nil {
		return nil, err
	}
	remote, err := made.peer()
	if err != nil {
		return nil, err
	}
	conn, err := net.FileConn(made.file)
	return &tcpConn{conn, local, remote}, err
}

func listen(address string) (net.Listener, netip.AddrPort, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, at, err
	}
	made, err := newSocket(familyOf(at.Addr()), stream, address)
	if err != nil {
		return nil, at, err
	}
	defer made.file.Close()
	if err := made.bind(at); err != nil {
		return nil, at, err
	}
	if err := errnoOf(sock_listen(made.fd, 64)); err != nil {
		return nil, at, err
	}
	if at, err = made.local(); err != nil {
		return nil, at, err
	}
	listener, err := net.FileListener(made.file)
	return listener, at, err
}

// udpSocket opens a datagram socket, bound to an address unless that is empty.
func udpSocket(family int32, address string) (*socket, error) {
	made, err := newSocket(family, dgram, "udp")
	if err != nil || address == "" {
		return made, err
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	return made, made.bind(at)
}

func (s *socket) receiveFrom(bytes []byte) (int, netip.AddrPort, bool, error) {
	var port, size uint32
	var flags uint16
	var result uint32
	raw, err := s.file.SyscallConn()
	if err != nil {
		return 0, netip.AddrPort{}, false, err
	}
	err = raw.Read(func(uintptr) bool {
		result = sock_recv_from(s.fd, bufferOf(s.data[:len(bytes)]), 1, bufferOf(s.addresses[:]), 0, &port, &size, &flags)
		return syscall.Errno(result) != syscall.EAGAIN
	})
	if err == nil {
		err = errnoOf(result)
	}
	copy(bytes, s.data[:size])
	return int(size), s.recorded(port), flags != 0, err
}

func (s *socket) sendTo(bytes []byte, to netip.AddrPort) error {
	var size, result uint32
	raw, err := s.file.SyscallConn()
	if err != nil {
		return err
	}
	length := copy(s.data[:], bytes)
	err = raw.Write(func(uintptr) bool {
		result = sock_send_to(s.fd, bufferOf(s.data[:length]), 1, s.record(to.Addr()), uint32(to.Port()), 0, &size)
		return syscall.Errno(result) != syscall.EAGAIN
	})
	if err == nil {
		err = errnoOf(result)
	}
	return err
}
