package popd_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/internal/lab/dialogue"
	"postern/internal/mailhost/door"
	"postern/internal/mailhost/popd"
	"postern/internal/mailhost/store"
	"postern/internal/mailhost/testhost"
	"postern/internal/wire/ports"
)

const alice = testhost.Alice

// One port of each security.
var (
	startTLS = door.Port{Number: 110, Protocol: ports.POP3, Security: ports.StartTLS, Role: ports.Access}
	implicit = door.Port{Number: 995, Protocol: ports.POP3, Security: ports.TLS, Role: ports.Access}
	plain    = door.Port{Number: 109, Protocol: ports.POP3, Security: ports.None, Role: ports.Access}
)

// house is a mail host with nothing but POP3.
type house struct{ *testhost.Host }

func newHouse(t testing.TB) *house {
	t.Helper()
	return &house{testhost.New(t, testhost.Options{
		Ports: []door.Port{startTLS, implicit, plain},
		Protocol: func(h *testhost.Host) door.Protocol {
			return popd.New(popd.Options{Config: h.Config, Store: h.Store, Login: h.Login})
		},
	})}
}

// stage adds to the host's what POP3 needs:
//
//	deliver ADDRESS "TEXT"    a message arrives
//	expunge ADDRESS UID       another program removes a message for good
func (h *house) stage() dialogue.Stage {
	s := h.Stage()
	s.Vars["long"] = strings.Repeat("x", 2000)
	s.Steps["deliver"], s.Steps["expunge"] = h.deliver, h.expunge
	return s
}

func (h *house) deliver(arguments string) error {
	address, quoted, _ := strings.Cut(arguments, " ")
	text, err := strconv.Unquote(quoted)
	if err != nil {
		return err
	}
	_, err = h.Deliver(context.Background(), address, store.Inbox, text, time.Time{})
	return err
}

func (h *house) expunge(arguments string) error {
	var address string
	var uid store.UID
	if _, err := fmt.Sscan(arguments, &address, &uid); err != nil {
		return err
	}
	_, err := h.Store.Expunge(context.Background(), h.Inbox(address), []store.UID{uid}, false)
	return err
}
