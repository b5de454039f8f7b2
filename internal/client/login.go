package client

import (
	"fmt"

	"postern/internal/secret"
	"postern/internal/wire/sasl"
)

// newExchange begins a SASL exchange by mechanism m.
func newExchange(m Mechanism, user string, password secret.Secret) (sasl.Client, error) {
	credentials := sasl.Credentials{Authentication: user, Password: password}
	exchange, ok := sasl.NewClient(string(m), credentials)
	if !ok {
		return nil, fmt.Errorf("no SASL mechanism %q on this side", m)
	}
	return exchange, nil
}

// answer answers the server's challenges until a reply ends the exchange. A
// server that never comes to an end is told "*" (RFC 4954 §4) and its answer to
// that is the reply.
func (c *Conn) answer(exchange sasl.Client, read func() (Reply, error)) (Reply, error) {
	const rounds = 4
	for n := 0; ; n++ {
		reply, err := read()
		if err != nil || reply.Status != Continue {
			return reply, err
		}
		if n > rounds {
			return reply, fmt.Errorf("the server asks on and on: %q", reply.Text)
		}
		line, shown := "*", "*"
		if challenge, err := sasl.Decode(reply.Text); err == nil {
			if response, err := exchange.Next(challenge); err == nil {
				line, shown = sasl.Encode(response), secret.Mask
			}
		}
		if err := c.send(line, shown); err != nil {
			return Reply{}, err
		}
	}
}
