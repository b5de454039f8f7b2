package testhost

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"postern/internal/lab/dialogue"
	"postern/internal/mailhost/activity"
)

// Stage is for dialogues, which may say what only the host knows: «password»
// of alice and bob, and initial responses of PLAIN with alice's name in them,
// «plain», «wrong» with another password, «as-bob» to act for bob. Their steps
// look behind the scene:
//
//	holds ADDRESS N                          so many messages are in the INBOX
//	attempt OUTCOME FAULT ACCOUNT SESSION    that was recorded last
//	attempts N                               so many were recorded
//	stop                                     the server begins to stop
//
// The test may add to both.
func (h *Host) Stage() dialogue.Stage {
	return dialogue.Stage{
		Dial: h.Dial,
		TLS:  h.TLS,
		Vars: map[string]string{
			"password": h.Password,
			"plain":    Plain("", Alice, h.Password),
			"wrong":    Plain("", Alice, "not-"+h.Password),
			"as-bob":   Plain(Bob, Alice, h.Password),
		},
		Steps: map[string]func(string) error{
			"holds":    h.Holds,
			"attempt":  h.Attempts.wantLast,
			"attempts": h.Attempts.wantCount,
			"stop":     func(string) error { go h.Stop(); return nil },
		},
	}
}

// Plain is the initial response of SASL PLAIN (RFC 4616) in base64.
func Plain(as, name, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(as + "\x00" + name + "\x00" + password))
}

// Holds is the step of that name.
func (h *Host) Holds(arguments string) error {
	address, want, _ := strings.Cut(arguments, " ")
	status, err := h.Store.MailboxStatus(context.Background(), h.Inbox(address))
	if err == nil && strconv.Itoa(status.Messages) != want {
		err = fmt.Errorf("%s holds %d messages, want %s", address, status.Messages, want)
	}
	return err
}

// Attempts keeps what was recorded.
type Attempts struct {
	written io.Writer
	mu      sync.Mutex
	all     []activity.Attempt
}

// Record implements activity.Recorder.
func (a *Attempts) Record(one activity.Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, one)
	fmt.Fprintf(a.written, "%+v\n", one)
}

// Last is what was recorded last; zero when nothing was.
func (a *Attempts) Last() activity.Attempt {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.all) == 0 {
		return activity.Attempt{}
	}
	return a.all[len(a.all)-1]
}

func (a *Attempts) wantLast(want string) error {
	last := a.Last()
	account := last.Account
	if account == "" {
		account = "-"
	}
	if got := fmt.Sprintf("%s %s %s %s", last.Outcome, last.Fault, account, last.Session); got != want {
		return fmt.Errorf("recorded %q, want %q", got, want)
	}
	return nil
}

func (a *Attempts) wantCount(want string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if strconv.Itoa(len(a.all)) != want {
		return fmt.Errorf("recorded %d attempts, want %s", len(a.all), want)
	}
	return nil
}
