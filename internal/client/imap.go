package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"postern/internal/secret"
	"postern/internal/wire/imap"
	"postern/internal/wire/ports"
	"postern/internal/wire/sasl"
)

// responseLimits hold every response but a message.
var responseLimits = imap.ResponseLimits{Line: maxReply, Response: maxReply}

// maxResponses bounds the responses to one command.
const maxResponses = 10_000

// IMAP is a dialogue in the protocol of RFC 3501.
type IMAP struct {
	conn *Conn
	tags int
}

// NewIMAP begins an IMAP dialogue on c.
func NewIMAP(c *Conn) *IMAP { return &IMAP{conn: c} }

// Conn is the connection beneath.
func (i *IMAP) Conn() *Conn { return i.conn }

// Greeting reads the untagged OK, PREAUTH or BYE.
func (i *IMAP) Greeting(ctx context.Context) (Reply, error) {
	defer i.conn.during(ctx)()
	r, err := i.read(responseLimits)
	return i.reply(r), err
}

// Capabilities says CAPABILITY.
func (i *IMAP) Capabilities(ctx context.Context) (Capabilities, Reply, error) {
	defer i.conn.during(ctx)()
	caps := Capabilities{Protocol: ports.IMAP}
	reply, err := i.command("CAPABILITY", func(r *imap.Response) {
		if words := r.Capabilities(); words != nil {
			caps.Keywords = words
		}
	})
	return caps, reply, err
}

// StartTLS says STARTTLS (RFC 3501 §6.2.1).
func (i *IMAP) StartTLS(ctx context.Context, config *tls.Config) (Reply, error) {
	defer i.conn.during(ctx)()
	reply, err := i.command("STARTTLS", nil)
	if err != nil || !reply.OK() {
		return reply, err
	}
	return reply, i.conn.startTLS(ctx, config)
}

// Login says AUTHENTICATE or LOGIN.
func (i *IMAP) Login(ctx context.Context, m Mechanism, user string, password secret.Secret) (Reply, error) {
	defer i.conn.during(ctx)()
	if m == Command {
		return i.login(user, password)
	}
	exchange, err := newExchange(m, user, password)
	if err != nil {
		return Reply{}, err
	}
	// Without an initial response, which needs SASL-IR, every mechanism begins
	// with a challenge; an empty one asks for it (RFC 3501 §6.2.2).
	tag := i.tag()
	line := tag + " AUTHENTICATE " + string(m)
	if err := i.conn.send(line, line); err != nil {
		return Reply{}, err
	}
	first := true
	return i.conn.answer(initialFirst{exchange, &first}, func() (Reply, error) { return i.until(tag, nil) })
}

// initialFirst answers the first, empty challenge with the initial response.
type initialFirst struct {
	sasl.Client
	first *bool
}

func (e initialFirst) Next(challenge []byte) ([]byte, error) {
	if initial, ok := e.Initial(); *e.first && ok {
		*e.first = false
		return initial, nil
	}
	return e.Client.Next(challenge)
}

// login says LOGIN, with literals for what a quoted string can't hold.
func (i *IMAP) login(user string, password secret.Secret) (Reply, error) {
	tag := i.tag()
	line, shown := tag+" LOGIN", tag+" LOGIN"
	for n, arg := range []string{user, password.Reveal()} {
		visible := []string{quote(user), secret.Mask}[n]
		if quotable(arg) {
			line, shown = line+" "+quote(arg), shown+" "+visible
			continue
		}
		line, shown = line+fmt.Sprintf(" {%d}", len(arg)), shown+" (literal)"
		if err := i.conn.send(line, shown); err != nil {
			return Reply{}, err
		}
		if reply, err := i.until(tag, nil); err != nil || reply.Status != Continue {
			return reply, err
		}
		line, shown = arg, visible
	}
	if err := i.conn.send(line, shown); err != nil {
		return Reply{}, err
	}
	return i.until(tag, nil)
}

func quotable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Open says SELECT INBOX.
func (i *IMAP) Open(ctx context.Context) (Mailbox, Reply, error) {
	defer i.conn.during(ctx)()
	box := Mailbox{Name: "INBOX"}
	reply, err := i.command("SELECT INBOX", func(r *imap.Response) {
		if r.Name == "EXISTS" {
			box.Messages = int(r.Number)
		}
	})
	return box, reply, err
}

// UIDs returns the UIDs in the open mailbox, lowest first (UID SEARCH ALL).
func (i *IMAP) UIDs(ctx context.Context) ([]uint32, Reply, error) {
	defer i.conn.during(ctx)()
	var uids []uint32
	reply, err := i.command("UID SEARCH ALL", func(r *imap.Response) {
		if r.Name != "SEARCH" {
			return
		}
		for _, value := range r.Data {
			if uid, err := strconv.ParseUint(value.Text, 10, 32); err == nil {
				uids = append(uids, uint32(uid))
			}
		}
	})
	slices.Sort(uids)
	return uids, reply, err
}

// Fetch writes the message with that UID to w as the server has it, without
// marking it read (UID FETCH BODY.PEEK[]). More than limit octets are an error;
// the message is held in memory.
func (i *IMAP) Fetch(ctx context.Context, uid uint32, w io.Writer, limit int64) (Reply, error) {
	defer i.conn.during(ctx)()
	limits := responseLimits
	limits.Response += int(limit)
	text, found := "", false
	tag := i.tag()
	line := fmt.Sprintf("%s UID FETCH %d (BODY.PEEK[])", tag, uid)
	if err := i.conn.send(line, line); err != nil {
		return Reply{}, err
	}
	reply, err := i.collect(tag, limits, func(r *imap.Response) {
		if body, ok := bodyOf(r); ok {
			text, found = body, true
		}
	})
	switch {
	case err != nil || !reply.OK():
		return reply, err
	case !found:
		return reply, fmt.Errorf("no message with UID %d in the mailbox", uid)
	case int64(len(text)) > limit:
		return reply, ErrTooMuch
	}
	_, err = io.WriteString(w, text)
	return reply, err
}

// bodyOf finds the message in a FETCH response.
func bodyOf(r *imap.Response) (string, bool) {
	if r.Name != "FETCH" || len(r.Data) == 0 {
		return "", false
	}
	items := r.Data[0].List
	for n := 0; n+1 < len(items); n += 2 {
		if strings.EqualFold(items[n].Text, "BODY[]") {
			return items[n+1].Text, true
		}
	}
	return "", false
}

// Quit says LOGOUT.
func (i *IMAP) Quit(ctx context.Context) error {
	return i.conn.part(ctx, func() error {
		_, err := i.command("LOGOUT", nil)
		return err
	})
}

func (i *IMAP) tag() string {
	i.tags++
	return fmt.Sprintf("a%d", i.tags)
}

// command sends one command and reads up to its end; data sees the untagged
// responses.
func (i *IMAP) command(text string, data func(*imap.Response)) (Reply, error) {
	tag := i.tag()
	if err := i.conn.send(tag+" "+text, tag+" "+text); err != nil {
		return Reply{}, err
	}
	return i.until(tag, data)
}

func (i *IMAP) until(tag string, data func(*imap.Response)) (Reply, error) {
	return i.collect(tag, responseLimits, data)
}

// collect reads up to the tagged response, or to a request to continue. A
// connection that ends after BYE ended with a reply, not with an error.
func (i *IMAP) collect(tag string, limits imap.ResponseLimits, data func(*imap.Response)) (Reply, error) {
	var bye *imap.Response
	for range maxResponses {
		r, err := i.read(limits)
		switch {
		case err != nil && bye != nil:
			return i.reply(bye), nil
		case err != nil:
			return i.reply(r), err
		case r.Tag == tag, r.Tag == "+":
			return i.reply(r), nil
		case r.Tag != "*":
			return i.reply(r), nil // no IMAP: nothing sensible can follow
		case r.Cond == imap.Bye:
			bye = r
		}
		if data != nil {
			data(r)
		}
	}
	return Reply{}, ErrTooMuch
}

// read reads one response and puts it in the transcript, long ones by their
// first line.
func (i *IMAP) read(limits imap.ResponseLimits) (*imap.Response, error) {
	r, err := imap.NewResponseReader(i.conn.in, limits).Next()
	if r != nil && len(r.Raw) > 0 {
		first, rest, _ := strings.Cut(string(r.Raw), "\n")
		i.conn.record(ServerSide, strings.TrimRight(first, "\r"))
		if rest != "" {
			i.conn.record(ServerSide, fmt.Sprintf("(%d octets more)", len(rest)))
		}
	}
	switch {
	case errors.Is(err, imap.ErrResponseTooBig):
		err = ErrTooMuch
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("within a response: %w", io.EOF)
	}
	if err != nil {
		return r, i.conn.broken("read", err)
	}
	return r, nil
}

func (i *IMAP) reply(r *imap.Response) Reply {
	if r == nil {
		return Reply{}
	}
	reply := Reply{Code: string(r.Cond), Detail: r.Code.Name, Text: r.Text, Raw: string(r.Raw)}
	switch {
	case r.Tag == "+":
		reply.Status, reply.Code = Continue, "+"
	case r.Cond == imap.OK, r.Cond == imap.PreAuth:
		reply.Status = OK
	case r.Cond == imap.Bye:
		reply.Status = Closing
	case r.Cond == imap.No && slices.Contains([]string{"UNAVAILABLE", "INUSE"}, r.Code.Name): // RFC 5530
		reply.Status = Temporary
	case r.Cond == imap.No, r.Cond == imap.Bad:
		reply.Status = Permanent
	default:
		return i.conn.unknown(reply.Raw)
	}
	return i.conn.masked(reply)
}
