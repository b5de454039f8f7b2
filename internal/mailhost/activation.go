package mailhost

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"

	"postern/internal/mailhost/config"
)

// firstInherited is the first descriptor that a service manager passes on
// (sd_listen_fds(3)).
const firstInherited = 3

// given are listeners that the service manager opened for us.
type given []net.Listener

// inherited takes the listeners over, once.
func inherited() (given, error) {
	pid, count := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS")
	os.Unsetenv("LISTEN_PID")
	os.Unsetenv("LISTEN_FDS")
	os.Unsetenv("LISTEN_FDNAMES")
	if count == "" || pid != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil {
		return nil, fmt.Errorf("LISTEN_FDS=%q is no number", count)
	}
	var all given
	for fd := firstInherited; fd < firstInherited+n; fd++ {
		syscall.CloseOnExec(fd)
		f := os.NewFile(uintptr(fd), "inherited socket "+strconv.Itoa(fd))
		l, err := net.FileListener(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("the service manager passed descriptor %d, which is no listening socket: %w", fd, err)
		}
		all = append(all, l)
	}
	return all, nil
}

// take returns the listener that serves l, if there is one, and removes it.
func (g *given) take(l config.Listen) net.Listener {
	for i, listener := range *g {
		ap, err := netip.ParseAddrPort(listener.Addr().String())
		if err != nil || int(ap.Port()) != l.Port {
			continue
		}
		if l.Address.IsValid() && ap.Addr().Unmap() != l.Address.Unmap() {
			continue
		}
		*g = append((*g)[:i:i], (*g)[i+1:]...)
		return listener
	}
	return nil
}
