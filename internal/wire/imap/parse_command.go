package imap

import (
	"slices"
	"strings"

	"postern/internal/secret"
)

// arguments reads what stands after the name of each command.
var arguments = map[string]func(*parser) Request{
	"CAPABILITY":   func(*parser) Request { return Capability{} },
	"NOOP":         func(*parser) Request { return Noop{} },
	"LOGOUT":       func(*parser) Request { return Logout{} },
	"STARTTLS":     func(*parser) Request { return StartTLS{} },
	"CHECK":        func(*parser) Request { return Check{} },
	"CLOSE":        func(*parser) Request { return Close{} },
	"UNSELECT":     func(*parser) Request { return Unselect{} },
	"IDLE":         func(*parser) Request { return Idle{} },
	"NAMESPACE":    func(*parser) Request { return Namespace{} },
	"EXPUNGE":      func(*parser) Request { return Expunge{} },
	"ID":           (*parser).id,
	"AUTHENTICATE": (*parser).authenticate,
	"LOGIN":        (*parser).login,
	"SELECT":       func(p *parser) Request { return Select{p.mailboxArg()} },
	"EXAMINE":      func(p *parser) Request { return Examine{p.mailboxArg()} },
	"DELETE":       func(p *parser) Request { return Delete{p.mailboxArg()} },
	"SUBSCRIBE":    func(p *parser) Request { return Subscribe{p.mailboxArg()} },
	"UNSUBSCRIBE":  func(p *parser) Request { return Unsubscribe{p.mailboxArg()} },
	"CREATE":       (*parser).create,
	"RENAME":       func(p *parser) Request { return Rename{From: p.mailboxArg(), To: p.mailboxArg()} },
	"LIST":         func(p *parser) Request { return p.listArgs(false) },
	"LSUB":         func(p *parser) Request { return p.listArgs(true) },
	"STATUS":       (*parser).status,
	"APPEND":       (*parser).append,
	"SEARCH":       func(p *parser) Request { return p.search(false) },
	"FETCH":        func(p *parser) Request { return p.fetch(false) },
	"STORE":        func(p *parser) Request { return p.store(false) },
	"COPY":         func(p *parser) Request { return Copy{Set: p.seqSetArg(), Mailbox: p.mailboxArg()} },
	"MOVE":         func(p *parser) Request { return Move{Set: p.seqSetArg(), Mailbox: p.mailboxArg()} },
	"UID SEARCH":   func(p *parser) Request { return p.search(true) },
	"UID FETCH":    func(p *parser) Request { return p.fetch(true) },
	"UID STORE":    func(p *parser) Request { return p.store(true) },
	"UID COPY":     func(p *parser) Request { return Copy{UID: true, Set: p.seqSetArg(), Mailbox: p.mailboxArg()} },
	"UID MOVE":     func(p *parser) Request { return Move{UID: true, Set: p.seqSetArg(), Mailbox: p.mailboxArg()} },
	"UID EXPUNGE":  func(p *parser) Request { return Expunge{UIDs: p.seqSetArg()} },
}

// command reads a command and its end; for APPEND it stops before the message.
func (p *parser) command() *Command {
	p.tag = p.while(isTagChar, "a tag")
	p.space()
	name := p.word("a command")
	if name == "UID" {
		p.space()
		name += " " + p.word("a command")
	}
	args, known := arguments[name]
	if !known {
		p.fail("unknown command %+q", name[:min(len(name), 40)])
		return nil
	}
	p.name = name
	request := args(p)
	if _, open := request.(Append); !open {
		p.end()
	}
	return &Command{Tag: p.tag, Request: request}
}

func (p *parser) mailboxArg() string {
	p.space()
	return p.mailbox()
}

func (p *parser) seqSetArg() SeqSet {
	p.space()
	return p.seqSet()
}

func (p *parser) id() Request {
	p.space()
	if p.next() != '(' {
		p.expect("NIL")
		return ID{}
	}
	var id ID
	p.list(func() {
		name := p.string("a field name")
		p.space()
		id.Params = append(id.Params, IDParam{name, p.nstring("a field value")})
	})
	return id
}

func (p *parser) nstring(what string) string {
	if c := p.next(); c == '"' || c == '{' {
		return p.string(what)
	}
	p.expect("NIL")
	return ""
}

func (p *parser) authenticate() Request {
	p.space()
	a := Authenticate{Mechanism: p.word("a mechanism")}
	if p.take(' ') {
		a.Initial = p.while(isBase64, "an initial response in base64")
	}
	return a
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || isDigit(c) || c == '+' || c == '/' || c == '='
}

func (p *parser) login() Request {
	p.space()
	user := p.astring("a user name")
	p.space()
	return Login{User: user, Password: secret.New(p.astring("a password"))}
}

func (p *parser) create() Request {
	c := Create{Mailbox: p.mailboxArg()}
	if len(c.Mailbox) > 1 {
		c.Mailbox = strings.TrimSuffix(c.Mailbox, string(Delimiter))
	}
	if p.take(' ') {
		p.expect("(USE ")
		p.list(func() {
			p.expect(`\`)
			use := `\` + p.atom("a special use")
			if c.Use != "" {
				p.fail("a mailbox has one special use at most")
			}
			c.Use = use
		})
		p.expect(")")
	}
	return c
}

func (p *parser) listArgs(subscribed bool) Request {
	l := List{Subscribed: subscribed}
	p.space()
	if p.next() == '(' && !subscribed {
		l.OnlySpecialUse = p.listOptions("SPECIAL-USE")
		p.space()
	}
	l.Reference = p.mailbox()
	p.space()
	pattern, err := DecodeMailbox(p.stringOr(isListChar, "a mailbox pattern"))
	if err != nil {
		p.fail("%s", err)
	}
	l.Pattern = pattern
	if !subscribed && p.take(' ') {
		p.expect("RETURN ")
		p.listOptions("SPECIAL-USE") // LIST always returns the special use
	}
	return l
}

// listOptions reads a list in which nothing but the option may stand.
func (p *parser) listOptions(option string) (given bool) {
	p.list(func() {
		p.expect(option)
		given = true
	})
	return given
}

var statusItems = []StatusItem{StatusMessages, StatusRecent, StatusUIDNext, StatusUIDValidity, StatusUnseen}

func (p *parser) status() Request {
	s := Status{Mailbox: p.mailboxArg()}
	p.space()
	p.list(func() {
		item := StatusItem(p.word("a status item"))
		switch {
		case !slices.Contains(statusItems, item):
			p.fail("unknown status item %+q", item[:min(len(item), 40)])
		case !slices.Contains(s.Items, item):
			s.Items = append(s.Items, item)
		}
	})
	if len(s.Items) == 0 {
		p.fail("expected a status item")
	}
	return s
}

func (p *parser) append() Request {
	a := Append{Mailbox: p.mailboxArg()}
	p.space()
	if p.next() == '(' {
		a.Flags = p.flagList()
		p.space()
	}
	if p.next() == '"' {
		a.Date = p.dateTime()
		p.space()
	}
	size, sync := p.literalSize()
	if p.err == nil && size > maxLiteral {
		p.fail("literal of the message is larger than %d octets", maxLiteral)
	}
	a.Message = &Literal{Size: size, Sync: sync, d: p.d, rest: size}
	return a
}

var storeOps = map[string]StoreOp{"FLAGS": ReplaceFlags, "+FLAGS": AddFlags, "-FLAGS": RemoveFlags}

func (p *parser) store(uid bool) Request {
	s := Store{UID: uid, Set: p.seqSetArg()}
	p.space()
	name, silent := strings.CutSuffix(p.word("FLAGS, +FLAGS or -FLAGS"), ".SILENT")
	op, known := storeOps[name]
	if !known {
		p.fail("expected FLAGS, +FLAGS or -FLAGS instead of %+q", name[:min(len(name), 40)])
	}
	s.Op, s.Silent = op, silent
	p.space()
	if p.next() == '(' {
		s.Flags = p.flagList()
		return s
	}
	for first := true; p.err == nil && (first || p.take(' ')); first = false {
		s.Flags = p.addFlag(s.Flags)
	}
	return s
}
