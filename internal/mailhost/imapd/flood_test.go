package imapd

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// endless is a client that says the same for ever.
type endless string

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}

// TestFloods sends literals, parentheses and lines without end, before login
// and after: the server answers and lives in the memory that it had.
func TestFloods(t *testing.T) {
	const flood = 8 << 20
	h := newHost(t)
	for name, said := range map[string]io.Reader{
		"a line":                 endless("a"),
		"a literal of 4 GB":      io.MultiReader(strings.NewReader("a LOGIN {4294967295+}\r\n"), endless("x")),
		"literals in a command":  io.MultiReader(strings.NewReader("a SEARCH TEXT "), endless("{9+}\r\n(12345678 TEXT ")),
		"literals of no command": io.MultiReader(strings.NewReader("a FROB "), endless("{9+}\r\n123456789 ")),
		"parentheses":            io.MultiReader(strings.NewReader("a SEARCH "), endless("(")),
		"lines of parentheses":   endless("a SEARCH " + strings.Repeat("(", 60000) + "\r\n"),
		"empty lines":            endless("\r\n"),
		"a message of 4 GB":      io.MultiReader(strings.NewReader("a APPEND INBOX {4294967295+}\r\n"), endless("x")),
		"NUL":                    endless("\x00"),
	} {
		for _, loggedIn := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, logged in %v", name, loggedIn), func(t *testing.T) {
				conn, err := h.DialTLS("993")
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if loggedIn {
					fmt.Fprintf(conn, "a %s\r\n", h.logIn())
				}
				peak := watchHeap(t)
				answers := make(chan string)
				go func() {
					b, _ := io.ReadAll(conn)
					answers <- string(b)
				}()
				conn.SetDeadline(time.Now().Add(time.Minute))
				if _, err := io.Copy(conn, io.LimitReader(said, flood)); err != nil && !gone(err) {
					t.Errorf("sending: %v", err)
				}
				conn.(interface{ CloseWrite() error }).CloseWrite()
				answer := <-answers
				if !strings.Contains(answer, " BAD ") && !strings.Contains(answer, "* BYE ") && !strings.Contains(answer, " NO ") {
					t.Errorf("not a word against it: %.200q", answer)
				}
				if grown := peak(); grown > 24<<20 {
					t.Errorf("%d MiB of heap", grown>>20)
				}
			})
		}
	}
}

// gone says whether an error means that the server has hung up.
func gone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}

// watchHeap returns a function that says by how much the heap grew at most.
func watchHeap(t *testing.T) func() int64 {
	runtime.GC()
	heap := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	var most atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-tick.C:
				most.Store(max(most.Load(), heap()))
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-stopped
		return max(most.Load(), heap()) - before
	}
}
