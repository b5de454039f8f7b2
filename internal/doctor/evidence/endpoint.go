package evidence

import (
	"postern/internal/wire/ports"
)

// Endpoint is what was seen at one port of one address under one host name.
// Its steps stand in the order in which a session takes them; a step that was
// not reached is nil.
type Endpoint struct {
	Host     string         `json:"host"` // the name that was asked for; the certificate must fit it
	Address  string         `json:"address"`
	Port     int            `json:"port"`
	Protocol ports.Protocol `json:"protocol"` // what is expected there
	Security ports.Security `json:"security"` // what is expected there
	Role     ports.Role     `json:"role"`

	Connect  Connect   `json:"connect"`
	Retried  *Failure  `json:"retried,omitempty"` // how a first connection broke off before a word; the rest is of the second
	Hello    *Hello    `json:"hello,omitempty"`   // a ClientHello on a connection of its own
	Greeting *Greeting `json:"greeting,omitempty"`

	// Capabilities as told before TLS, and as told inside TLS.
	Plain     *Capabilities `json:"plain,omitempty"`
	StartTLS  *StartTLS     `json:"starttls,omitempty"`
	TLS       *TLS          `json:"tls,omitempty"`
	Protected *Capabilities `json:"protected,omitempty"`

	Logins  []Login  `json:"logins,omitempty"`  // in the order they were tried
	Skipped string   `json:"skipped,omitempty"` // why no login was tried here: one of the Skip reasons
	Mailbox *Mailbox `json:"mailbox,omitempty"`

	// End says that the session ended before its goodbye, and after which step.
	End *End `json:"end,omitempty"`

	Transcript []Line `json:"transcript,omitempty"`
}

// Step is a step of a session, which is also a column of the report.
type Step string

// The steps, in order.
const (
	StepName    Step = "name"    // the host name has an address
	StepReach   Step = "reach"   // TCP connects
	StepGreet   Step = "greet"   // the right protocol answers
	StepEncrypt Step = "encrypt" // TLS is established
	StepCertify Step = "certify" // the certificate fits host, date and roots
	StepLogin   Step = "login"   // the user name and password are accepted
	StepUse     Step = "use"     // the mailbox opens, or the server would take mail
)

// steps is what Steps returns; its order is the order of the report.
var steps = []Step{StepName, StepReach, StepGreet, StepEncrypt, StepCertify, StepLogin, StepUse}

// Steps returns all steps in order.
func Steps() []Step { return append([]Step(nil), steps...) }

// FailureKind says how a step on the network failed.
type FailureKind string

// The kinds of failure.
const (
	Refused      FailureKind = "refused"     // an RST in answer to the SYN
	Timeout      FailureKind = "timeout"     // nothing came within the limit
	Unreachable  FailureKind = "unreachable" // the network said that there is no way
	Denied       FailureKind = "denied"      // the own machine forbade it
	Reset        FailureKind = "reset"       // the connection was reset (RST)
	Closed       FailureKind = "closed"      // the connection was closed (FIN) where more was due
	TooMuch      FailureKind = "too-much"    // more bytes than any honest server sends
	OtherFailure FailureKind = "other"
)

// Failure is how a step on the network failed.
type Failure struct {
	Kind  FailureKind `json:"kind"`
	Errno string      `json:"errno,omitempty"` // its name on every system, such as "ECONNREFUSED"
	From  string      `json:"from,omitempty"`  // who said so, where that is known and is not the address asked
	Text  string      `json:"text,omitempty"`  // the error as the system words it
}

// Connect is an attempt to open a TCP connection.
type Connect struct {
	Failure *Failure `json:"failure,omitempty"` // nil: connected
	Took    Millis   `json:"ms"`
}

// Reply is one answer of a server in its protocol. Lines are joined by "\n".
type Reply struct {
	// Status is what it means in all protocols: "ok", "continue", "temporary",
	// "permanent", "closing", or "unknown" when it is no reply of the protocol.
	Status string `json:"status"`
	Code   string `json:"code,omitempty"`   // SMTP "535", POP3 "-ERR", IMAP "NO"
	Detail string `json:"detail,omitempty"` // SMTP "5.7.8", POP3 and IMAP "AUTHENTICATIONFAILED"
	Text   string `json:"text,omitempty"`   // the human part
}

// The values of Reply.Status.
const (
	StatusOK        = "ok"
	StatusContinue  = "continue"
	StatusTemporary = "temporary"
	StatusPermanent = "permanent"
	StatusClosing   = "closing"
	StatusUnknown   = "unknown"
)

// Greeting is what the server said first: in plain text, or inside TLS on a
// port that begins with TLS.
type Greeting struct {
	// Service is what the first bytes speak: "smtp", "imap", "pop3", "http",
	// "ssh", "ftp", "tls", "text", "binary", or "nothing".
	Service string   `json:"service"`
	Garbled bool     `json:"garbled,omitempty"` // overwritten with asterisks on the way
	Reply   *Reply   `json:"reply,omitempty"`   // when it is one of the expected protocol
	Text    string   `json:"text,omitempty"`    // the first bytes, printable, at most 512
	Took    Millis   `json:"ms"`                // from the connection (or TLS) to the greeting's end, or until given up
	Failure *Failure `json:"failure,omitempty"` // Timeout: silence; Reset, Closed: instead of a greeting
}

// Hello is what came back for a ClientHello that was sent, on a connection of
// its own, to a port that stayed silent or was expected to begin in plain text.
type Hello struct {
	TLS *TLS `json:"tls"` // TLS.Failure tells when there was no TLS
}

// Capabilities is what the server said it can do.
type Capabilities struct {
	Reply    Reply    `json:"reply"`
	Keywords []string `json:"keywords,omitempty"` // upper case, with arguments: "STARTTLS", "AUTH PLAIN LOGIN"
	Took     Millis   `json:"ms"`
	Failure  *Failure `json:"failure,omitempty"`
}

// StartTLS is the request to begin TLS (STARTTLS, STLS) and its answer.
type StartTLS struct {
	Offered  bool   `json:"offered"`            // named among the capabilities
	Asked    bool   `json:"asked"`              // the command was sent
	Reply    *Reply `json:"reply,omitempty"`    // when asked and answered
	Injected string `json:"injected,omitempty"` // plaintext that came between the reply and TLS
	Took     Millis `json:"ms,omitempty"`

	Failure *Failure `json:"failure,omitempty"` // instead of a reply
}

// The reasons why no login was tried at an endpoint.
const (
	SkipNoCredentials = "no-credentials"     // none were given
	SkipNotSafe       = "not-safe"           // no TLS, or a certificate that proves nothing
	SkipRejected      = "rejected-elsewhere" // another port rejected it; more tries could lock the account
	SkipNotOffered    = "not-offered"        // no mechanism that both sides know
	SkipNotReached    = "not-reached"        // the session did not get that far
	SkipRelay         = "relay"              // a port for servers
	SkipSamePort      = "same-port"          // the same port was tried at another address of the host
	SkipStopped       = "stopped"            // the run ended first
)

// UserForm is how the user name was formed.
type UserForm string

// The forms of a user name.
const (
	UserAsTyped   UserForm = "as-typed"
	UserAddress   UserForm = "address"    // alice@example.com
	UserLocalPart UserForm = "local-part" // alice
)

// Login is one try to log in.
type Login struct {
	Mechanism string   `json:"mechanism"` // PLAIN, LOGIN, or USER for the protocol's own command
	User      string   `json:"user"`
	Form      UserForm `json:"form"`
	Reply     *Reply   `json:"reply,omitempty"` // the last reply; Status StatusOK: logged in
	Took      Millis   `json:"ms"`
	Failure   *Failure `json:"failure,omitempty"` // instead of a reply
}

// Mailbox is what came of opening the mailbox: SELECT INBOX or STAT.
type Mailbox struct {
	Command  string   `json:"command"`
	Reply    *Reply   `json:"reply,omitempty"`
	Messages int      `json:"messages"`
	Bytes    int64    `json:"bytes,omitempty"` // POP3 only
	Took     Millis   `json:"ms"`
	Failure  *Failure `json:"failure,omitempty"`
}

// End is an end of the session before its goodbye.
type End struct {
	After   Step    `json:"after"` // the last step that was taken
	Failure Failure `json:"failure"`
}

// Line is one line of the dialogue, secrets masked.
type Line struct {
	At   Millis `json:"ms"`   // since the connection was begun
	From string `json:"from"` // "C" client, "S" server, "*" event
	Text string `json:"text"`
}
