package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"postern/internal/secret"
	"postern/internal/wire/ports"
	"postern/internal/wire/sasl"
	"postern/internal/wire/smtp"
)

// SMTP is a dialogue in the protocol of RFC 5321.
type SMTP struct {
	conn *Conn
	caps Capabilities
}

// NewSMTP begins an SMTP dialogue on c.
func NewSMTP(c *Conn) *SMTP { return &SMTP{conn: c} }

// Conn is the connection beneath.
func (s *SMTP) Conn() *Conn { return s.conn }

// Greeting reads the 220.
func (s *SMTP) Greeting(ctx context.Context) (Reply, error) {
	defer s.conn.during(ctx)()
	return s.reply()
}

// Capabilities says EHLO and, to a server that does not know it, HELO.
func (s *SMTP) Capabilities(ctx context.Context) (Capabilities, Reply, error) {
	defer s.conn.during(ctx)()
	s.caps = Capabilities{Protocol: ports.SMTP}
	reply, parsed, err := s.ask("EHLO " + s.hello())
	if err != nil {
		return s.caps, reply, err
	}
	if parsed.Code == 500 || parsed.Code == 502 {
		reply, err = s.command("HELO " + s.hello())
		return s.caps, reply, err
	}
	if reply.OK() {
		for _, ext := range smtp.ParseExtensions(parsed).List {
			words := append([]string{ext.Keyword}, ext.Params...)
			s.caps.Keywords = append(s.caps.Keywords, strings.ToUpper(strings.Join(words, " ")))
		}
	}
	return s.caps, reply, nil
}

// hello is the name to greet with.
func (s *SMTP) hello() string {
	if s.conn.opts.Hello != "" {
		return s.conn.opts.Hello
	}
	local, err := netip.ParseAddrPort(s.conn.LocalAddr().String())
	if err != nil {
		return "[127.0.0.1]"
	}
	addr := local.Addr().Unmap().WithZone("")
	if addr.Is6() {
		return "[IPv6:" + addr.String() + "]"
	}
	return "[" + addr.String() + "]"
}

// StartTLS begins TLS (RFC 3207).
func (s *SMTP) StartTLS(ctx context.Context, config *tls.Config) (Reply, error) {
	defer s.conn.during(ctx)()
	reply, err := s.command("STARTTLS")
	if err != nil || !reply.OK() {
		return reply, err
	}
	return reply, s.conn.startTLS(ctx, config)
}

// Login says AUTH (RFC 4954).
func (s *SMTP) Login(ctx context.Context, m Mechanism, user string, password secret.Secret) (Reply, error) {
	defer s.conn.during(ctx)()
	exchange, err := newExchange(m, user, password)
	if err != nil {
		return Reply{}, err
	}
	line, shown := "AUTH "+string(m), "AUTH "+string(m)
	if initial, ok := exchange.Initial(); ok {
		line += " " + sasl.EncodeInitial(initial)
		shown += " " + secret.Mask
	}
	if err := s.conn.send(line, shown); err != nil {
		return Reply{}, err
	}
	return s.conn.answer(exchange, s.reply)
}

// Send sends one message: MAIL, RCPT for each recipient, DATA. The message's
// lines end in CRLF. The Reply is the one that decided; a refused sender,
// recipient or message is a *RefusedError as well.
func (s *SMTP) Send(ctx context.Context, from string, to []string, message io.Reader) (Reply, error) {
	defer s.conn.during(ctx)()
	mail := "MAIL FROM:<" + from + ">"
	if s.caps.Has("8BITMIME") {
		mail += " BODY=8BITMIME"
	}
	lines := []string{mail}
	for _, rcpt := range to {
		lines = append(lines, "RCPT TO:<"+rcpt+">")
	}
	for _, line := range append(lines, "DATA") {
		if strings.ContainsAny(line, "\r\n") {
			return Reply{}, fmt.Errorf("address in %q has a line end", line)
		}
		reply, err := s.command(line)
		if err == nil && !reply.OK() && reply.Status != Continue {
			err = &RefusedError{strings.SplitN(line, ":", 2)[0], reply}
		}
		if err != nil {
			return reply, err
		}
	}
	return s.data(message)
}

// data sends the text after DATA's 354. A message that can't be sent leaves the
// server within it, so the connection ends.
func (s *SMTP) data(message io.Reader) (Reply, error) {
	out := bufio.NewWriter(s.conn.net)
	text := smtp.NewDataWriter(out)
	n, err := io.Copy(text, message)
	if err == nil {
		err = errors.Join(text.Close(), out.Flush())
	}
	if err != nil {
		s.conn.Close()
		return Reply{}, s.conn.broken("send message", err)
	}
	s.conn.record(ClientSide, fmt.Sprintf("(message of %d octets)", n))
	reply, err := s.reply()
	return reply, refused("message", reply, err)
}

// Quit says QUIT.
func (s *SMTP) Quit(ctx context.Context) error {
	return s.conn.part(ctx, func() error {
		_, err := s.command("QUIT")
		return err
	})
}

func (s *SMTP) command(line string) (Reply, error) {
	reply, _, err := s.ask(line)
	return reply, err
}

func (s *SMTP) ask(line string) (Reply, smtp.Reply, error) {
	if err := s.conn.send(line, line); err != nil {
		return Reply{}, smtp.Reply{}, err
	}
	return s.read()
}

func (s *SMTP) reply() (Reply, error) {
	reply, _, err := s.read()
	return reply, err
}

// read reads one reply of one or more lines.
func (s *SMTP) read() (Reply, smtp.Reply, error) {
	var raw strings.Builder
	parsed, err := smtp.ReadReply(func() (string, error) {
		line, err := s.conn.readLine()
		raw.WriteString(line)
		if raw.Len() > maxReply {
			return "", ErrTooMuch
		}
		return strings.TrimRight(line, "\r\n"), err
	})
	var garbage *smtp.ReplyError
	switch {
	case errors.As(err, &garbage):
		return s.conn.unknown(raw.String()), parsed, nil
	case err != nil:
		return s.conn.unknown(raw.String()), parsed, err
	}
	return s.conn.masked(Reply{
		Status: smtpStatus(parsed.Code),
		Code:   strconv.Itoa(parsed.Code),
		Detail: parsed.Enhanced.String(),
		Text:   strings.Join(parsed.Lines, "\n"),
		Raw:    raw.String(),
	}), parsed, nil
}

func smtpStatus(code int) Status {
	switch {
	case code == 421:
		return Closing
	case code/100 == 2:
		return OK
	case code/100 == 3:
		return Continue
	case code/100 == 4:
		return Temporary
	case code/100 == 5:
		return Permanent
	}
	return Unknown
}
