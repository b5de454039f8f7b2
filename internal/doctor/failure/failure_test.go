package failure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"postern/internal/client"
	"postern/internal/doctor/evidence"
)

func TestOf(t *testing.T) {
	if Of(nil) != nil {
		t.Error("no error is a failure")
	}
	for _, c := range []struct {
		err  error
		want evidence.FailureKind
	}{
		{fmt.Errorf("read: %w", io.EOF), evidence.Closed},
		{io.ErrUnexpectedEOF, evidence.Closed},
		{client.ErrTooMuch, evidence.TooMuch},
		{context.DeadlineExceeded, evidence.Timeout},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, evidence.Timeout},
		{context.Canceled, evidence.OtherFailure},
		{errors.New("strange"), evidence.OtherFailure},
	} {
		if got := Of(c.err); got.Kind != c.want || got.Text != c.err.Error() || got.Errno != "" {
			t.Errorf("%v: %+v, expected %s", c.err, got, c.want)
		}
	}
}

func TestRefusedPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	_, err = net.Dial("tcp", listener.Addr().String())
	if got := Of(err); got == nil || got.Kind != evidence.Refused || got.Errno != "ECONNREFUSED" {
		t.Errorf("closed port: %+v", got)
	}
}
