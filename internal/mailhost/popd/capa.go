package popd

import (
	"postern/internal/wire/pop3"
	"postern/internal/wire/ports"
)

// capabilities answers CAPA (RFC 2449 §5). The order never changes.
func (x *session) capabilities() error {
	list := []string{"TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER"}
	if x.canStartTLS() {
		list = append(list, "STLS")
	}
	if x.conn.Secure() {
		list = append(list, "USER", "SASL PLAIN")
	}
	return x.listing("capabilities follow", append(list, "IMPLEMENTATION Postern"))
}

// listing answers with lines, and the dot behind them.
func (x *session) listing(text string, lines []string) error {
	x.reply(pop3.OK(text))
	for _, line := range lines {
		if _, err := x.conn.WriteString(line + "\r\n"); err != nil {
			return err
		}
	}
	_, err := x.conn.WriteString(".\r\n")
	return err
}

func (x *session) canStartTLS() bool {
	return x.conn.Port().Security == ports.StartTLS && !x.conn.Secure() && x.drop == nil
}
