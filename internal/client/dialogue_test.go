package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSMTPWholeSession(t *testing.T) {
	ctx := within(t)
	s := NewSMTP(play(t, "smtp-whole.txt", withPassword()))
	expect(t, OK)(s.Greeting(ctx))
	caps, _, err := s.Capabilities(ctx)
	if err != nil || !caps.StartTLS() || caps.Mechanisms() != nil {
		t.Fatalf("before TLS: %v, %v", caps, err)
	}
	expect(t, OK)(s.StartTLS(ctx, anyCertificate))
	if s.Conn().TLS() == nil || s.Conn().Injected() != nil {
		t.Error("TLS state is not as the handshake left it")
	}
	caps, _, err = s.Capabilities(ctx)
	if diff := cmp.Diff([]Mechanism{Plain, Login}, caps.Mechanisms()); diff != "" || err != nil {
		t.Fatalf("mechanisms after TLS: %s %v", diff, err)
	}
	expect(t, OK)(s.Login(ctx, Plain, "alice", password))
	message := "Subject: dots\r\n\r\n.hidden\r\n"
	expect(t, OK)(s.Send(ctx, "alice@example.com", []string{"bob@example.com"}, strings.NewReader(message)))
	if err := s.Quit(ctx); err != nil {
		t.Error(err)
	}
}

func TestPOP3WholeSession(t *testing.T) {
	ctx := within(t)
	p := NewPOP3(play(t, "pop3-whole.txt", withPassword()))
	expect(t, OK)(p.Greeting(ctx))
	caps, _, err := p.Capabilities(ctx)
	if diff := cmp.Diff([]Mechanism{Plain, Command}, caps.Mechanisms()); diff != "" || err != nil || !caps.StartTLS() {
		t.Fatalf("capabilities %v: %s %v", caps, diff, err)
	}
	expect(t, OK)(p.StartTLS(ctx, anyCertificate))
	caps, reply, err := p.Capabilities(ctx)
	if diff := cmp.Diff([]Mechanism{Command}, caps.Mechanisms()); diff != "" || err != nil || reply.Status != Permanent {
		t.Fatalf("a server without CAPA still takes USER: %s %v %v", diff, reply, err)
	}
	expect(t, OK)(p.Login(ctx, Command, "alice", password))
	box, _, err := p.Open(ctx)
	if diff := cmp.Diff(Mailbox{Messages: 1, Bytes: 28}, box); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	var message bytes.Buffer
	expect(t, OK)(p.Retrieve(ctx, 1, &message, 100))
	if got := message.String(); got != "Subject: dots\r\n\r\n.hidden\r\n" {
		t.Errorf("message is %q", got)
	}
	if err := p.Quit(ctx); err != nil {
		t.Error(err)
	}
}

func TestIMAPWholeSession(t *testing.T) {
	ctx := within(t)
	i := NewIMAP(play(t, "imap-whole.txt", withPassword()))
	expect(t, OK)(i.Greeting(ctx))
	caps, _, err := i.Capabilities(ctx)
	if err != nil || !caps.StartTLS() || caps.Mechanisms() != nil {
		t.Fatalf("before TLS: %v, %v", caps, err)
	}
	expect(t, OK)(i.StartTLS(ctx, anyCertificate))
	caps, _, err = i.Capabilities(ctx)
	if diff := cmp.Diff([]Mechanism{Plain, Command}, caps.Mechanisms()); diff != "" || err != nil {
		t.Fatalf("mechanisms after TLS: %s %v", diff, err)
	}
	expect(t, OK)(i.Login(ctx, Plain, "alice", password))
	box, _, err := i.Open(ctx)
	if diff := cmp.Diff(Mailbox{Name: "INBOX", Messages: 2}, box); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	uids, _, err := i.UIDs(ctx)
	if diff := cmp.Diff([]uint32{7, 9}, uids); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	var message bytes.Buffer
	expect(t, OK)(i.Fetch(ctx, 9, &message, 100))
	if got := message.String(); got != "Subject: x\r\n\r\nhi\r\n" {
		t.Errorf("message is %q", got)
	}
	if _, err := i.Fetch(ctx, 8, &message, 100); err == nil {
		t.Error("a message that is not there was fetched")
	}
	if err := i.Quit(ctx); err != nil {
		t.Error(err)
	}
}

func TestIMAPLoginUsesLiteralsWhereItMust(t *testing.T) {
	i := NewIMAP(play(t, "imap-literal.txt", withPassword()))
	expect(t, OK)(i.Greeting(within(t)))
	reply := expect(t, Permanent)(i.Login(within(t), Command, `ali"ce`, password))
	if reply.Detail != "AUTHENTICATIONFAILED" || reply.Text != "not with [secret]" {
		t.Errorf("%+v", reply)
	}
	const transcript = `S: * OK ready
C: a1 LOGIN "ali\"ce" (literal)
S: + go on
C: [secret]
S: a1 NO [AUTHENTICATIONFAILED] not with [secret]
`
	if diff := cmp.Diff(transcript, shown(i.Conn())); diff != "" {
		t.Error(diff)
	}
}

func TestIMAPGoodbyeIsAReply(t *testing.T) {
	i := NewIMAP(play(t, "imap-bye.txt", withPassword()))
	expect(t, OK)(i.Greeting(within(t)))
	_, reply, err := i.Capabilities(within(t))
	if err != nil || reply.Status != Closing || reply.Text != "too many connections" {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestRefusedLoginShowsNoPassword(t *testing.T) {
	s := NewSMTP(play(t, "smtp-login-refused.txt", withPassword()))
	expect(t, OK)(s.Greeting(within(t)))
	reply, err := s.Login(within(t), Login, "alice", password)
	want := Reply{
		Status: Permanent, Code: "535", Detail: "5.7.8",
		Text: "Username and Password not accepted for [secret].\n[secret] is not it",
		Raw:  "535-5.7.8 Username and Password not accepted for [secret].\r\n535 5.7.8 [secret] is not it\r\n",
	}
	if diff := cmp.Diff(want, reply); diff != "" || err != nil {
		t.Error(diff, err)
	}
	const transcript = `S: 220 ready
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: [secret]
S: 334 UGFzc3dvcmQ6
C: [secret]
S: 535-5.7.8 Username and Password not accepted for [secret].
S: 535 5.7.8 [secret] is not it
`
	if diff := cmp.Diff(transcript, shown(s.Conn())); diff != "" {
		t.Error(diff)
	}
}

func TestHELOWhereEHLOIsUnknown(t *testing.T) {
	s := NewSMTP(play(t, "smtp-helo.txt", withPassword()))
	expect(t, OK)(s.Greeting(within(t)))
	caps, reply, err := s.Capabilities(within(t))
	if err != nil || !reply.OK() || len(caps.Keywords) != 0 {
		t.Errorf("%v %v %v", caps, reply, err)
	}
}

func TestPOP3MailboxInUseIsTemporary(t *testing.T) {
	p := NewPOP3(play(t, "pop3-in-use.txt", withPassword()))
	expect(t, OK)(p.Greeting(within(t)))
	reply := expect(t, Temporary)(p.Login(within(t), Plain, "alice", password))
	if reply.Detail != "IN-USE" {
		t.Errorf("detail is %q", reply.Detail)
	}
}

func TestForeignServiceIsAReplyOfItsOwn(t *testing.T) {
	for _, s := range []Session{
		NewSMTP(play(t, "smtp-http.txt", Options{})),
		NewPOP3(play(t, "smtp-http.txt", Options{})),
		NewIMAP(play(t, "smtp-http.txt", Options{})),
	} {
		reply := expect(t, Unknown)(s.Greeting(within(t)))
		if !strings.HasPrefix(reply.Raw, "HTTP/1.1 400 Bad Request\r\n") {
			t.Errorf("%T: raw reply is %q", s, reply.Raw)
		}
	}
}

func TestCutReplyKeepsWhatCame(t *testing.T) {
	s := NewSMTP(play(t, "smtp-cut.txt", Options{}))
	reply, err := s.Greeting(within(t))
	if !errors.Is(err, io.EOF) || reply.Raw != "250-one\r\n250-tw" {
		t.Errorf("%q, %v", reply.Raw, err)
	}
}

func TestResetIsNotAnEnd(t *testing.T) {
	p := NewPOP3(play(t, "reset.txt", Options{}))
	if _, _, err := p.Capabilities(within(t)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("error is %v, not a reset", err)
	}
}

func TestSilenceEndsWithTheContext(t *testing.T) {
	for _, s := range []Session{
		NewSMTP(play(t, "silence.txt", Options{})),
		NewPOP3(play(t, "silence.txt", Options{})),
		NewIMAP(play(t, "silence.txt", Options{})),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		reply, err := s.Greeting(ctx)
		cancel()
		if !errors.Is(err, os.ErrDeadlineExceeded) || reply.Raw != "22" {
			t.Errorf("%T: %q, %v", s, reply.Raw, err)
		}
	}
}

// late is a connection on which ending a wait takes a while.
type late struct{ net.Conn }

func (l late) SetDeadline(t time.Time) error {
	if t.Before(time.Now()) {
		time.Sleep(time.Second)
	}
	return l.Conn.SetDeadline(t)
}

// TestWaitThatEndedLeavesTheNextOneAlone: the end of one context must not reach
// into the exchange after it, which made a server look silent.
func TestWaitThatEndedLeavesTheNextOneAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		conn := newConn(late{near}, Options{}, time.Now())
		defer conn.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := conn.Await(ctx); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("waiting is over and says %v", err)
		}
		time.AfterFunc(3*time.Second, func() { io.WriteString(far, "+OK ready\r\n") })
		expect(t, OK)(NewPOP3(conn).Greeting(within(t)))
	})
}

func TestInjectedPlaintextIsKeptApart(t *testing.T) {
	s := NewSMTP(play(t, "smtp-injected.txt", withPassword()))
	expect(t, OK)(s.Greeting(within(t)))
	expect(t, OK)(s.StartTLS(within(t), anyCertificate))
	if got := string(s.Conn().Injected()); got != "250 injected\r\n" {
		t.Errorf("injected is %q", got)
	}
	_, reply, err := s.Capabilities(within(t))
	if err != nil || reply.Text != "protected" {
		t.Errorf("after TLS the server said %q, %v", reply.Text, err)
	}
}

func TestTextInsteadOfTLS(t *testing.T) {
	s := NewSMTP(play(t, "smtp-starttls-then-text.txt", Options{}))
	expect(t, OK)(s.Greeting(within(t)))
	reply, err := s.StartTLS(within(t), anyCertificate)
	var failed *HandshakeError
	var header tls.RecordHeaderError
	if !reply.OK() || !errors.As(err, &failed) || !errors.As(err, &header) {
		t.Fatalf("%v, %v", reply, err)
	}
	if got := string(failed.Received); got != "500 not really\r\n" {
		t.Errorf("received %q", got)
	}
}

func TestEndlessReplyIsTooMuch(t *testing.T) {
	s := NewSMTP(flooding(t, "250-more"))
	if _, err := s.Greeting(within(t)); !errors.Is(err, ErrTooMuch) {
		t.Errorf("endless line: %v", err)
	}
	expect(t, Unknown)(NewSMTP(flooding(t, "250-more\r\n")).Greeting(within(t)))
	p := NewPOP3(flooding(t, "+OK yes\r\n"))
	if _, _, err := p.Capabilities(within(t)); !errors.Is(err, ErrTooMuch) {
		t.Errorf("endless CAPA: %v", err)
	}
	i := NewIMAP(flooding(t, "* OK more\r\n"))
	if _, _, err := i.Capabilities(within(t)); !errors.Is(err, ErrTooMuch) {
		t.Errorf("endless CAPABILITY: %v", err)
	}
}

// expect checks the outcome of a step.
func expect(t *testing.T, want Status) func(Reply, error) Reply {
	t.Helper()
	return func(reply Reply, err error) Reply {
		t.Helper()
		if err != nil || reply.Status != want {
			t.Fatalf("reply is %v %q, expected %v; error %v", reply.Status, reply.Raw, want, err)
		}
		return reply
	}
}
