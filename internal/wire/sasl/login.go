package sasl

import (
	"strings"

	"postern/internal/secret"
)

// loginServer is the mechanism LOGIN: the server asks for the user name, then
// for the password. Outlook sends nothing unless the prompts are exactly these.
type loginServer struct {
	credentials Credentials
}

func (s *loginServer) Next(response []byte) ([]byte, bool, error) {
	if response == nil {
		return []byte("Username:"), false, nil
	}
	if err := checkField(response); err != nil {
		return nil, false, err
	}
	if len(response) == 0 {
		return nil, false, errEmpty
	}
	if s.credentials.Authentication == "" {
		s.credentials.Authentication = string(response)
		return []byte("Password:"), false, nil
	}
	s.credentials.Password = secret.New(string(response))
	return nil, true, nil
}

func (s *loginServer) Credentials() Credentials { return s.credentials }

// loginClient answers by the words of the prompts, because servers differ in
// them; a prompt that says neither gets the user name first.
type loginClient struct {
	credentials Credentials
	named       bool
}

func (c *loginClient) Mechanism() string { return Login }

func (c *loginClient) Initial() ([]byte, bool) { return nil, false }

func (c *loginClient) Next(challenge []byte) ([]byte, error) {
	prompt := strings.ToLower(string(challenge))
	wantsPassword := strings.Contains(prompt, "pass")
	switch {
	case !c.named && !wantsPassword:
		c.named = true
		return []byte(c.credentials.Authentication), nil
	case c.named:
		return []byte(c.credentials.Password.Reveal()), nil
	}
	return nil, &FormatError{"server wants the password before the user name"}
}
