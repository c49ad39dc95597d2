//go:build !wasip1

package main

import "net"

func listen(_ int, address string) (net.Listener, error) {
	return net.Listen("tcp", address)
}

func listenPacket(address string) (packetConn, error) {
	local, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	return net.ListenUDP("udp", local)
}
