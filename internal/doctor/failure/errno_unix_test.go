//go:build unix

package failure

import (
	"net"
	"os"
	"syscall"
	"testing"

	"postern/internal/doctor/evidence"
)

func TestErrno(t *testing.T) {
	for number, want := range map[syscall.Errno]evidence.Failure{
		syscall.EHOSTUNREACH:  {Kind: evidence.Unreachable, Errno: "EHOSTUNREACH"},
		syscall.ENETUNREACH:   {Kind: evidence.Unreachable, Errno: "ENETUNREACH"},
		syscall.ETIMEDOUT:     {Kind: evidence.Timeout, Errno: "ETIMEDOUT"},
		syscall.EPERM:         {Kind: evidence.Denied, Errno: "EPERM"},
		syscall.EACCES:        {Kind: evidence.Denied, Errno: "EACCES"},
		syscall.EINVAL:        {Kind: evidence.Denied, Errno: "EINVAL"},
		syscall.ECONNRESET:    {Kind: evidence.Reset, Errno: "ECONNRESET"},
		syscall.EADDRNOTAVAIL: {Kind: evidence.OtherFailure, Errno: "EADDRNOTAVAIL"},
	} {
		err := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", number)}
		want.Text = err.Error()
		if got := Of(err); *got != want {
			t.Errorf("%v: %+v, expected %+v", number, *got, want)
		}
	}
}
