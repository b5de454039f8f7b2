package imap

import (
	"time"

	"postern/internal/secret"
)

// Command is one command of a client.
type Command struct {
	Tag     string
	Request Request
}

// Request is what a command asks for: one of the types in this file.
type Request interface {
	// Name is the command's name as RFC 3501 spells it, such as "UID FETCH".
	Name() string
}

// The commands that have no arguments.
type (
	Capability struct{} // RFC 3501 §6.1.1
	Noop       struct{} // RFC 3501 §6.1.2
	Logout     struct{} // RFC 3501 §6.1.3
	StartTLS   struct{} // RFC 3501 §6.2.1
	Check      struct{} // RFC 3501 §6.4.1
	Close      struct{} // RFC 3501 §6.4.2
	Unselect   struct{} // RFC 3691
	Idle       struct{} // RFC 2177; the line DONE that ends it is not a command
	Namespace  struct{} // RFC 2342
)

// Authenticate begins a SASL exchange, RFC 3501 §6.2.2.
type Authenticate struct {
	Mechanism string // upper case
	// Initial is the client's first response in base64 as it was sent ("=" is
	// an empty one), RFC 4959. It is "" where the client sent none.
	Initial string
}

// Login logs in with a name and a password, RFC 3501 §6.2.3.
type Login struct {
	User     string
	Password secret.Secret
}

// ID tells the server which program the client is, RFC 2971.
type ID struct {
	Params []IDParam // none for NIL
}

// IDParam is one field of ID.
type IDParam struct{ Name, Value string }

// The commands that name one mailbox. Names are UTF-8; the name INBOX is in
// upper case whatever the client wrote.
type (
	Select      struct{ Mailbox string }
	Examine     struct{ Mailbox string }
	Delete      struct{ Mailbox string }
	Subscribe   struct{ Mailbox string }
	Unsubscribe struct{ Mailbox string }
)

// Create makes a mailbox, RFC 3501 §6.3.3.
type Create struct {
	Mailbox string // a trailing delimiter has been taken off
	Use     string // special use such as `\Drafts`, or "", RFC 6154 §3
}

// Rename gives a mailbox another name, RFC 3501 §6.3.5.
type Rename struct{ From, To string }

// List lists mailboxes by a pattern with the wildcards "*" and "%",
// RFC 3501 §6.3.8 and §6.3.9 (LSUB).
type List struct {
	Subscribed     bool // LSUB
	OnlySpecialUse bool // the selection option SPECIAL-USE, RFC 6154 §2
	Reference      string
	Pattern        string
}

// Status asks about a mailbox that need not be selected, RFC 3501 §6.3.10.
type Status struct {
	Mailbox string
	Items   []StatusItem
}

// StatusItem is one figure of STATUS.
type StatusItem string

// The items of RFC 3501 §6.3.10.
const (
	StatusMessages    StatusItem = "MESSAGES"
	StatusRecent      StatusItem = "RECENT"
	StatusUIDNext     StatusItem = "UIDNEXT"
	StatusUIDValidity StatusItem = "UIDVALIDITY"
	StatusUnseen      StatusItem = "UNSEEN"
)

// Append adds a message to a mailbox, RFC 3501 §6.3.11. The message is still
// to be read, or to be refused.
type Append struct {
	Mailbox string
	Flags   []Flag
	Date    time.Time // zero where the client gave none
	Message *Literal
}

// Expunge removes the messages marked \Deleted, RFC 3501 §6.4.3; with UIDs only
// those among them, RFC 4315 §2.1.
type Expunge struct {
	UIDs SeqSet // nil for a plain EXPUNGE
}

// Search looks for messages, RFC 3501 §6.4.4.
type Search struct {
	UID     bool
	Charset string // upper case; "" where the client named none
	Key     SearchKey
}

// Fetch reads attributes and text of messages, RFC 3501 §6.4.5.
type Fetch struct {
	UID   bool
	Set   SeqSet
	Items []FetchItem // macros are expanded; UID FETCH always has FetchUID among them
}

// Store changes flags, RFC 3501 §6.4.6.
type Store struct {
	UID    bool
	Set    SeqSet
	Op     StoreOp
	Silent bool
	Flags  []Flag
}

// StoreOp says how Store changes flags.
type StoreOp int

// FLAGS, +FLAGS and -FLAGS.
const (
	ReplaceFlags StoreOp = iota
	AddFlags
	RemoveFlags
)

// Copy copies messages to another mailbox, RFC 3501 §6.4.7.
type Copy struct {
	UID     bool
	Set     SeqSet
	Mailbox string
}

// Move moves messages to another mailbox, RFC 6851.
type Move struct {
	UID     bool
	Set     SeqSet
	Mailbox string
}

func (Capability) Name() string   { return "CAPABILITY" }
func (Noop) Name() string         { return "NOOP" }
func (Logout) Name() string       { return "LOGOUT" }
func (StartTLS) Name() string     { return "STARTTLS" }
func (Check) Name() string        { return "CHECK" }
func (Close) Name() string        { return "CLOSE" }
func (Unselect) Name() string     { return "UNSELECT" }
func (Idle) Name() string         { return "IDLE" }
func (Namespace) Name() string    { return "NAMESPACE" }
func (Authenticate) Name() string { return "AUTHENTICATE" }
func (Login) Name() string        { return "LOGIN" }
func (ID) Name() string           { return "ID" }
func (Select) Name() string       { return "SELECT" }
func (Examine) Name() string      { return "EXAMINE" }
func (Create) Name() string       { return "CREATE" }
func (Delete) Name() string       { return "DELETE" }
func (Rename) Name() string       { return "RENAME" }
func (Subscribe) Name() string    { return "SUBSCRIBE" }
func (Unsubscribe) Name() string  { return "UNSUBSCRIBE" }
func (Status) Name() string       { return "STATUS" }
func (Append) Name() string       { return "APPEND" }

func (l List) Name() string {
	if l.Subscribed {
		return "LSUB"
	}
	return "LIST"
}

func (e Expunge) Name() string { return uidName(e.UIDs != nil, "EXPUNGE") }
func (s Search) Name() string  { return uidName(s.UID, "SEARCH") }
func (f Fetch) Name() string   { return uidName(f.UID, "FETCH") }
func (s Store) Name() string   { return uidName(s.UID, "STORE") }
func (c Copy) Name() string    { return uidName(c.UID, "COPY") }
func (m Move) Name() string    { return uidName(m.UID, "MOVE") }

func uidName(uid bool, name string) string {
	if uid {
		return "UID " + name
	}
	return name
}
