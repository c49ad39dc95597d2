// Command server answers each request with its number, and with how often that number has been asked for. It serves the
// listener at descriptor 3.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
)

func main() {
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
	c := &counter{seen: make(map[string]int)}
	http.HandleFunc("GET /number/{number}", c.number)
	http.HandleFunc("POST /reset", c.reset)
	fmt.Println("ready")
	fmt.Fprintln(os.Stderr, "server:", http.Serve(listener, nil))
	os.Exit(1)
}

// A counter knows which numbers have been asked for.
type counter struct {
	mutex sync.Mutex
	total int
	seen  map[string]int
}

func (c *counter) number(w http.ResponseWriter, r *http.Request) {
	number := r.PathValue("number")
	c.mutex.Lock()
	c.total++
	c.seen[number]++
	times := c.seen[number]
	c.mutex.Unlock()
	fmt.Fprintf(w, "%s %d", number, times)
}

// reset answers how many requests and how many numbers there were, and forgets them.
func (c *counter) reset(w http.ResponseWriter, r *http.Request) {
	c.mutex.Lock()
	fmt.Fprintf(w, "%d %d", c.total, len(c.seen))
	c.total = 0
	clear(c.seen)
	c.mutex.Unlock()
	runtime.GC()
}
