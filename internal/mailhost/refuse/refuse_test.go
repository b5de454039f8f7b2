package refuse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"postern/internal/fault"
	"postern/internal/mailhost/store"
	"postern/internal/wire/ports"
)

func TestReplies(t *testing.T) {
	for _, c := range []struct {
		name             string
		err              error
		smtp, pop3, imap string
	}{
		{
			"wrong password",
			&fault.Error{Fault: "AU01", Op: "log in", Client: "wrong name or password (session k3m9x0p2qa)"},
			"535 5.7.8 wrong name or password (session k3m9x0p2qa)",
			"-ERR [AUTH] wrong name or password (session k3m9x0p2qa)",
			"NO [AUTHENTICATIONFAILED] wrong name or password (session k3m9x0p2qa)",
		},
		{
			"mailbox full, for good",
			&fault.Error{Fault: "MB01", Client: "mailbox is full"},
			"552 5.2.2 mailbox is full (session k3m9x0p2qa)",
			"-ERR [SYS/PERM] mailbox is full (session k3m9x0p2qa)",
			"NO [OVERQUOTA] mailbox is full (session k3m9x0p2qa)",
		},
		{
			"mailbox full, for now",
			&fault.Error{Fault: "MB01", Temporary: true, Client: "mailbox is full"},
			"452 4.2.2 mailbox is full (session k3m9x0p2qa)",
			"-ERR [SYS/TEMP] mailbox is full (session k3m9x0p2qa)",
			"NO [OVERQUOTA] mailbox is full (session k3m9x0p2qa)",
		},
		{
			"fault without a line in the table, wrapped",
			fmt.Errorf("deliver: %w", &fault.Error{Fault: "SH01", Temporary: true, Client: "try again later"}),
			"451 4.3.0 try again later (session k3m9x0p2qa)",
			"-ERR [SYS/TEMP] try again later (session k3m9x0p2qa)",
			"NO [UNAVAILABLE] try again later (session k3m9x0p2qa)",
		},
		{
			"an error that is no fault keeps its text for the log",
			errors.New("open /var/lib/postern/pack/7: permission denied"),
			"451 4.3.0 internal error; the administrator finds it in the log under this session (session k3m9x0p2qa)",
			"-ERR [SYS/TEMP] internal error; the administrator finds it in the log under this session (session k3m9x0p2qa)",
			"NO [UNAVAILABLE] internal error; the administrator finds it in the log under this session (session k3m9x0p2qa)",
		},
		{
			"the writer's queue is full",
			fmt.Errorf("deliver: %w", store.ErrBusy),
			"451 4.3.2 the mail store is busy; try again in a moment (session k3m9x0p2qa)",
			"-ERR [SYS/TEMP] the mail store is busy; try again in a moment (session k3m9x0p2qa)",
			"NO [UNAVAILABLE] the mail store is busy; try again in a moment (session k3m9x0p2qa)",
		},
		{
			"a wrapper without words leaves them to the cause",
			&fault.Error{Op: "deliver", Err: fmt.Errorf("write segment 7: %w", syscall.ENOSPC)},
			"452 4.3.1 the server's disk is full; tell its administrator (session k3m9x0p2qa)",
			"-ERR [SYS/TEMP] the server's disk is full; tell its administrator (session k3m9x0p2qa)",
			"NO [UNAVAILABLE] the server's disk is full; tell its administrator (session k3m9x0p2qa)",
		},
		{
			"a text can't break out of its line",
			&fault.Error{Fault: "OU04", Client: "no such user <a\r\n250 OK\x00é>"},
			"550 5.1.1 no such user <a  250 OK??> (session k3m9x0p2qa)",
			"-ERR no such user <a  250 OK??> (session k3m9x0p2qa)",
			"NO no such user <a  250 OK??> (session k3m9x0p2qa)",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			const session = "k3m9x0p2qa"
			if got := strings.TrimSuffix(SMTP(c.err, session).String(), "\r\n"); got != c.smtp {
				t.Errorf("SMTP\n got %q\nwant %q", got, c.smtp)
			}
			if got := strings.TrimSuffix(POP3(c.err, session).String(), "\r\n"); got != c.pop3 {
				t.Errorf("POP3\n got %q\nwant %q", got, c.pop3)
			}
			if got := IMAP(c.err, session).String(); got != c.imap {
				t.Errorf("IMAP\n got %q\nwant %q", got, c.imap)
			}
		})
	}
}

func TestClosing(t *testing.T) {
	stopping := &fault.Error{Fault: "GW03", Temporary: true, Client: "server is stopping, try again shortly"}
	lost := &fault.Error{Fault: "GW08", Client: "this port begins with TLS: choose SSL/TLS"}
	for _, c := range []struct {
		protocol ports.Protocol
		e        *fault.Error
		want     string
	}{
		{ports.SMTP, stopping, "421 4.3.2 server is stopping, try again shortly (session s)\r\n"},
		{ports.POP3, stopping, "-ERR [SYS/TEMP] server is stopping, try again shortly (session s)\r\n"},
		{ports.IMAP, stopping, "* BYE [UNAVAILABLE] server is stopping, try again shortly (session s)\r\n"},
		{ports.SMTP, lost, "554 5.7.0 this port begins with TLS: choose SSL/TLS (session s)\r\n"},
		{ports.POP3, lost, "-ERR this port begins with TLS: choose SSL/TLS (session s)\r\n"},
		{ports.IMAP, lost, "* BYE this port begins with TLS: choose SSL/TLS (session s)\r\n"},
	} {
		// "s" alone would be found in any text, so the id is a longer one.
		got := strings.ReplaceAll(Closing(c.protocol, c.e, "0123456789"), "0123456789", "s")
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.protocol, got, c.want)
		}
	}
}

// TestTableIsConsistent: every fault in the table exists, and the class of each
// reply code agrees with its enhanced code.
func TestTableIsConsistent(t *testing.T) {
	for id, line := range table {
		if _, ok := fault.Lookup(id); !ok {
			t.Errorf("%s is not in the catalogue", id)
		}
		for _, r := range []row{line.permanent, line.temporary, otherwise.permanent, otherwise.temporary} {
			if r.smtp.code/100 != r.smtp.enhanced[0] {
				t.Errorf("%s: %d with %v", id, r.smtp.code, r.smtp.enhanced)
			}
		}
	}
}

// TestKnownErrorsAreInTheTable: what asFault makes of other packages' errors has
// a line of its own.
func TestKnownErrorsAreInTheTable(t *testing.T) {
	for _, k := range known {
		if _, ok := table[k.as.Fault]; !ok {
			t.Errorf("%v becomes %s, which has no line", k.err, k.as.Fault)
		}
	}
}

func TestDeadlinesAreTemporary(t *testing.T) {
	if got := SMTP(context.DeadlineExceeded, "0123456789"); got.Code != 451 {
		t.Errorf("got %d, want 451", got.Code)
	}
}
