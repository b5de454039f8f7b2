//go:build linux

package control

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// SocketPath is where the control socket of a data directory is.
func SocketPath(data string) string { return filepath.Join(data, "control.sock") }

// maxSocketPath is the longest path that a socket's address holds.
const maxSocketPath = 107

// withShortPath calls use with a path to the socket that fits into an address:
// a long one goes through a descriptor of its directory.
func withShortPath(socket string, use func(path string) error) error {
	if len(socket) <= maxSocketPath {
		return use(socket)
	}
	dir, err := os.Open(filepath.Dir(socket))
	if err != nil {
		return err
	}
	defer dir.Close()
	return use(filepath.Join("/proc/self/fd", strconv.Itoa(int(dir.Fd())), filepath.Base(socket)))
}

func listenUnix(socket string) (l net.Listener, err error) {
	err = withShortPath(socket, func(path string) error {
		ul, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
		if err == nil {
			ul.SetUnlinkOnClose(false) // the path may be gone; Close removes the real one
			l = ul
		}
		return err
	})
	return l, err
}

func dialUnix(ctx context.Context, socket string) (c net.Conn, err error) {
	err = withShortPath(socket, func(path string) error {
		var d net.Dialer
		c, err = d.DialContext(ctx, "unix", path)
		return err
	})
	return c, err
}

type peerKey struct{}

// withPeer notes who is at the other end of a connection.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	uc, ok := c.(*net.UnixConn)
	if !ok {
		return ctx
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return ctx
	}
	raw.Control(func(fd uintptr) {
		if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			ctx = context.WithValue(ctx, peerKey{}, cred.Uid)
		}
	})
	return ctx
}

// onlyTheOwner refuses everybody but the server's own user and root.
func onlyTheOwner(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		uid, known := r.Context().Value(peerKey{}).(uint32)
		if !known || uid != 0 && int(uid) != os.Geteuid() {
			logger.Warn("control socket: refused", "uid", uid, "path", r.URL.Path)
			http.Error(w, "this socket is for the server's own user and root", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
