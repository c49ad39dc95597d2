// Answers a line on each connection of the listener at descriptor 3, and asks for signals. Nothing in it calls
// time.Sleep, so that the linker leaves it out.
package main

import (
	"bufio"
	"net"
	"os"
	"os/signal"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		println("listen:", err.Error())
		os.Exit(1)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			println("accept:", err.Error())
			os.Exit(1)
		}
		go func() {
			defer conn.Close()
			line, _ := bufio.NewReader(conn).ReadString('\n')
			conn.Write([]byte(line))
		}()
	}
}
