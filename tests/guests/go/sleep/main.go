// Sleeps and uses timers, and prints what happened in the order in which it happened.
//
// Expected: "30ms timer stopped", then 10ms, 20ms, 40ms, "tick 1" to "tick 3", "slept", "timeout", "ok".
package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

func timers() {
	var done sync.WaitGroup
	var lock sync.Mutex
	for _, delay := range []time.Duration{40, 10, 20} {
		done.Add(1)
		time.AfterFunc(delay*time.Millisecond, func() {
			defer done.Done()
			lock.Lock()
			defer lock.Unlock()
			fmt.Println(delay * time.Millisecond)
		})
	}
	never := time.AfterFunc(30*time.Millisecond, func() { fmt.Println("30ms, which was stopped") })
	if never.Stop() {
		fmt.Println("30ms timer stopped")
	}
	done.Wait()
}

func ticks() {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for i := 1; i <= 3; i++ {
		<-ticker.C
		fmt.Println("tick", i)
	}
}

func sleep() {
	const delay = 50 * time.Millisecond
	start := time.Now()
	time.Sleep(delay)
	if slept := time.Since(start); slept < delay {
		fmt.Fprintf(os.Stderr, "slept %v of %v\n", slept, delay)
		os.Exit(1)
	}
	fmt.Println("slept")
}

func timeout() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	fmt.Println("timeout")
}

func main() {
	timers()
	ticks()
	sleep()
	timeout()
	fmt.Println("ok")
}
