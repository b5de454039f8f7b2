package sasl

import (
	"bytes"
	"unicode/utf8"

	"postern/internal/secret"
)

// plainServer is RFC 4616: one message, authorization NUL authentication NUL
// password, in UTF-8.
type plainServer struct{ credentials Credentials }

func (s *plainServer) Next(response []byte) ([]byte, bool, error) {
	if response == nil {
		return []byte{}, false, nil
	}
	fields := bytes.Split(response, []byte{0})
	if len(fields) != 3 {
		return nil, false, &FormatError{"PLAIN needs three fields with a NUL between them"}
	}
	for _, field := range fields {
		if err := checkField(field); err != nil {
			return nil, false, err
		}
	}
	if len(fields[1]) == 0 || len(fields[2]) == 0 {
		return nil, false, errEmpty
	}
	s.credentials = Credentials{
		Authorization:  string(fields[0]),
		Authentication: string(fields[1]),
		Password:       secret.New(string(fields[2])),
	}
	return nil, true, nil
}

func (s *plainServer) Credentials() Credentials { return s.credentials }

var errEmpty = &FormatError{"user name and password must not be empty"}

// checkField refuses what neither a user name nor a password can be.
func checkField(field []byte) error {
	switch {
	case len(field) > MaxField:
		return &FormatError{"user name or password is longer than 1024 bytes"}
	case !utf8.Valid(field):
		return &FormatError{"user name and password must be in UTF-8; your mail program sends another character set"}
	case bytes.IndexByte(field, 0) >= 0:
		return &FormatError{"user name and password can't have a NUL character"}
	}
	return nil
}

type plainClient struct{ credentials Credentials }

func (c *plainClient) Mechanism() string { return Plain }

func (c *plainClient) Initial() ([]byte, bool) {
	return []byte(c.credentials.Authorization + "\x00" + c.credentials.Authentication + "\x00" + c.credentials.Password.Reveal()), true
}

func (c *plainClient) Next([]byte) ([]byte, error) {
	b, _ := c.Initial()
	return b, nil
}
