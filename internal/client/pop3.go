package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"

	"postern/internal/secret"
	"postern/internal/wire/pop3"
	"postern/internal/wire/ports"
	"postern/internal/wire/sasl"
)

// POP3 is a dialogue in the protocol of RFC 1939.
type POP3 struct{ conn *Conn }

// NewPOP3 begins a POP3 dialogue on c.
func NewPOP3(c *Conn) *POP3 { return &POP3{c} }

// Conn is the connection beneath.
func (p *POP3) Conn() *Conn { return p.conn }

// Greeting reads the +OK.
func (p *POP3) Greeting(ctx context.Context) (Reply, error) {
	defer p.conn.during(ctx)()
	return p.reply()
}

// Capabilities says CAPA (RFC 2449). A server that does not know it has none.
func (p *POP3) Capabilities(ctx context.Context) (Capabilities, Reply, error) {
	defer p.conn.during(ctx)()
	caps := Capabilities{Protocol: ports.POP3}
	reply, err := p.command("CAPA")
	if err != nil || !reply.OK() {
		return caps, reply, err
	}
	for octets := 0; octets < maxReply; {
		line, err := p.conn.readLine()
		if err != nil {
			return caps, reply, err
		}
		octets += len(line)
		text, end := pop3.Unstuff(strings.TrimRight(line, "\r\n"))
		if end {
			return caps, reply, nil
		}
		if text = strings.TrimSpace(text); text != "" {
			caps.Keywords = append(caps.Keywords, strings.ToUpper(text))
		}
	}
	return caps, reply, ErrTooMuch
}

// StartTLS says STLS (RFC 2595 §4).
func (p *POP3) StartTLS(ctx context.Context, config *tls.Config) (Reply, error) {
	defer p.conn.during(ctx)()
	reply, err := p.command("STLS")
	if err != nil || !reply.OK() {
		return reply, err
	}
	return reply, p.conn.startTLS(ctx, config)
}

// Login says USER and PASS, or AUTH (RFC 5034).
func (p *POP3) Login(ctx context.Context, m Mechanism, user string, password secret.Secret) (Reply, error) {
	defer p.conn.during(ctx)()
	if m == Command {
		return p.userPass(user, password)
	}
	exchange, err := newExchange(m, user, password)
	if err != nil {
		return Reply{}, err
	}
	line, shown := "AUTH "+string(m), "AUTH "+string(m)
	if initial, ok := exchange.Initial(); ok {
		line += " " + sasl.EncodeInitial(initial)
		shown += " " + secret.Mask
	}
	if err := p.conn.send(line, shown); err != nil {
		return Reply{}, err
	}
	return p.conn.answer(exchange, p.reply)
}

func (p *POP3) userPass(user string, password secret.Secret) (Reply, error) {
	if strings.ContainsAny(user+password.Reveal(), "\r\n") {
		return Reply{}, errors.New("POP3 can't carry a user name or password with a line end")
	}
	if reply, err := p.command("USER " + user); err != nil || !reply.OK() {
		return reply, err
	}
	if err := p.conn.send("PASS "+password.Reveal(), "PASS "+secret.Mask); err != nil {
		return Reply{}, err
	}
	return p.reply()
}

// Open says STAT.
func (p *POP3) Open(ctx context.Context) (Mailbox, Reply, error) {
	defer p.conn.during(ctx)()
	reply, err := p.command("STAT")
	if err != nil || !reply.OK() {
		return Mailbox{}, reply, err
	}
	totals, err := pop3.ParseTotals(reply.Text)
	if err != nil {
		return Mailbox{}, p.conn.unknown(reply.Raw), nil
	}
	return Mailbox{Messages: totals.Messages, Bytes: totals.Octets}, reply, nil
}

// Retrieve writes message n, from 1, to w as it was sent: line ends kept, the
// stuffed dots taken off. More than limit octets are ErrTooMuch.
func (p *POP3) Retrieve(ctx context.Context, n int, w io.Writer, limit int64) (Reply, error) {
	defer p.conn.during(ctx)()
	reply, err := p.command(fmt.Sprintf("RETR %d", n))
	if err != nil || !reply.OK() {
		return reply, err
	}
	out := bufio.NewWriter(w)
	var octets int64
	for {
		line, err := p.conn.readRaw(int(min(limit, 1<<20)))
		if err != nil {
			return reply, p.conn.broken("read message", err)
		}
		text := strings.TrimRight(line, "\r\n")
		if _, end := pop3.Unstuff(text); end {
			p.conn.record(ServerSide, fmt.Sprintf("(message of %d octets)", octets))
			return reply, out.Flush()
		}
		line = strings.TrimPrefix(line, ".")
		if octets += int64(len(line)); octets > limit {
			return reply, ErrTooMuch
		}
		if _, err := out.WriteString(line); err != nil {
			return reply, err
		}
	}
}

// Quit says QUIT.
func (p *POP3) Quit(ctx context.Context) error {
	return p.conn.part(ctx, func() error {
		_, err := p.command("QUIT")
		return err
	})
}

func (p *POP3) command(line string) (Reply, error) {
	if err := p.conn.send(line, line); err != nil {
		return Reply{}, err
	}
	return p.reply()
}

// reply reads one status line; "+ " is the challenge of an AUTH (RFC 5034 §4).
func (p *POP3) reply() (Reply, error) {
	line, err := p.conn.readLine()
	if err != nil {
		return p.conn.unknown(line), err
	}
	text := strings.TrimRight(line, "\r\n")
	if text == "+" || strings.HasPrefix(text, "+ ") {
		return p.conn.masked(Reply{Status: Continue, Code: "+", Text: strings.TrimPrefix(text[1:], " "), Raw: line}), nil
	}
	status, err := pop3.ParseStatus(text)
	if err != nil {
		return p.conn.unknown(line), nil
	}
	reply := Reply{Status: OK, Code: "+OK", Detail: string(status.Code), Text: status.Text, Raw: line}
	if !status.OK {
		reply.Status, reply.Code = pop3Refusal(status.Code), "-ERR"
	}
	return p.conn.masked(reply), nil
}

func pop3Refusal(code pop3.Code) Status {
	switch code {
	case pop3.CodeInUse, pop3.CodeLoginDelay, pop3.CodeSysTemp:
		return Temporary
	}
	return Permanent
}
