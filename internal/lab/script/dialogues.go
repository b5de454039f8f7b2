package script

import (
	"embed"
	"fmt"
)

//go:embed dialogues/*.script
var dialogues embed.FS

// Dialogue returns one of the scripts that come with the package. All of them
// need the variable {host}; their let lines show what else can be set.
func Dialogue(name string) *Script {
	text, err := dialogues.ReadFile("dialogues/" + name + ".script")
	if err != nil {
		return &Script{err: fmt.Errorf("no dialogue %q", name)}
	}
	return Parse(string(text))
}

// IMAP is an access server with an empty INBOX. It takes no login without TLS.
func IMAP() *Script { return Dialogue("imap") }

// POP3 is an access server with an empty mailbox. It takes no login without TLS.
func POP3() *Script { return Dialogue("pop3") }

// SMTP is a submission server. It takes no login without TLS and throws the mail away.
func SMTP() *Script { return Dialogue("smtp") }

// Relay is a server for other servers, on port 25. It knows no login and no recipient.
func Relay() *Script { return Dialogue("relay") }

// HTTP, SSH and FTP are services that people connect to by mistake.
func HTTP() *Script { return Dialogue("http") }

// SSH greets as an SSH server does and speaks no further.
func SSH() *Script { return Dialogue("ssh") }

// FTP greets with 220, as SMTP does.
func FTP() *Script { return Dialogue("ftp") }
