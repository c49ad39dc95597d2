package main

import "net/netip"

const maxDatagram = 2048

// A packetConn is what the echo needs of a socket, which no net.PacketConn of a guest is.
type packetConn interface {
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
}

func echo(conn packetConn) error {
	datagram := make([]byte, maxDatagram)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(datagram)
		if err != nil {
			return err
		}
		if _, err := conn.WriteToUDPAddrPort(datagram[:n], from); err != nil {
			return err
		}
	}
}
