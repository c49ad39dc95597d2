// Asks for signals, as servers do to shut down in order, and waits 300 ms.
//
// In Go's wasip1 port, signal.Notify starts a goroutine that calls sched_yield without end, so that the scheduler
// never finds itself idle. The host must neither burn a core on it nor let the timer starve.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	start := time.Now()
	select {
	case s := <-signals:
		fmt.Println("signal:", s)
		os.Exit(1)
	case <-time.After(300 * time.Millisecond):
		fmt.Println("timer after at least 300 ms:", time.Since(start) >= 300*time.Millisecond)
	}
}
