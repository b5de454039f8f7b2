package sasl

import (
	"errors"
	"strings"
	"testing"

	"postern/internal/secret"
)

func TestPlain(t *testing.T) {
	for _, test := range []struct {
		name, response string
		want           Credentials
	}{
		{"usual", "\x00alice@example.com\x00secret", Credentials{"", "alice@example.com", secret.New("secret")}},
		{"acting as another", "bob\x00alice\x00secret", Credentials{"bob", "alice", secret.New("secret")}},
		{"beyond ASCII", "\x00josé\x00пароль", Credentials{"", "josé", secret.New("пароль")}},
		{"spaces count", "\x00alice\x00 se cret ", Credentials{"", "alice", secret.New(" se cret ")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := NewServer(Plain)
			if challenge, done, err := s.Next(nil); string(challenge) != "" || challenge == nil || done || err != nil {
				t.Errorf("first challenge is %q, %t, %v; want an empty one", challenge, done, err)
			}
			if _, done, err := s.Next([]byte(test.response)); !done || err != nil {
				t.Fatalf("done %t, error %v", done, err)
			}
			if got := s.Credentials(); got != test.want {
				t.Errorf("user %q for %q, password as sent: %t", got.Authentication, got.Authorization, got.Password == test.want.Password)
			}
		})
	}
}

func TestPlainRefuses(t *testing.T) {
	for name, response := range map[string]string{
		"empty":          "",
		"one field":      "alice",
		"two fields":     "alice\x00secret",
		"four fields":    "\x00alice\x00sec\x00ret",
		"no user":        "\x00\x00secret",
		"no password":    "\x00alice\x00",
		"not UTF-8":      "\x00alice\x00p\xe4ss",
		"endless user":   "\x00" + strings.Repeat("a", MaxField+1) + "\x00secret",
		"endless author": strings.Repeat("a", MaxField+1) + "\x00alice\x00secret",
	} {
		s, _ := NewServer(Plain)
		_, done, err := s.Next([]byte(response))
		var format *FormatError
		if done || !errors.As(err, &format) {
			t.Errorf("%s: done %t, error %v", name, done, err)
		}
	}
}

func TestLogin(t *testing.T) {
	for name, first := range map[string][]byte{"asked": nil, "initial response": []byte("alice")} {
		s, _ := NewServer(Login)
		challenge, _, err := s.Next(first)
		if first == nil {
			if string(challenge) != "Username:" || err != nil {
				t.Errorf("%s: first prompt is %q, %v", name, challenge, err)
			}
			challenge, _, err = s.Next([]byte("alice"))
		}
		if string(challenge) != "Password:" || err != nil {
			t.Errorf("%s: second prompt is %q, %v", name, challenge, err)
		}
		if _, done, err := s.Next([]byte("se cret")); !done || err != nil {
			t.Errorf("%s: done %t, error %v", name, done, err)
		}
		if want := (Credentials{"", "alice", secret.New("se cret")}); s.Credentials() != want {
			t.Errorf("%s: user is %q", name, s.Credentials().Authentication)
		}
	}
}

func TestLoginRefuses(t *testing.T) {
	for name, responses := range map[string][]string{
		"empty user":     {""},
		"empty password": {"alice", ""},
		"NUL in user":    {"alice\x00bob"},
		"NUL in secret":  {"alice", "a\x00"},
		"not UTF-8":      {"alice", "p\xe4ss"},
	} {
		s, _ := NewServer(Login)
		var err error
		for _, r := range responses {
			_, _, err = s.Next([]byte(r))
		}
		if _, ok := err.(*FormatError); !ok {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestClientsPleaseServers(t *testing.T) {
	want := Credentials{"", "alice@example.com", secret.New("s e\u00e7ret")}
	for _, mechanism := range []string{Plain, Login} {
		for _, withInitial := range []bool{true, false} {
			client, _ := NewClient(mechanism, want)
			server, _ := NewServer(mechanism)
			response, ok := client.Initial()
			if !withInitial || !ok {
				response = nil
			}
			for range 3 {
				challenge, done, err := server.Next(response)
				if err != nil {
					t.Fatalf("%s: server: %v", mechanism, err)
				}
				if done {
					break
				}
				if response, err = client.Next(challenge); err != nil {
					t.Fatalf("%s: client: %v", mechanism, err)
				}
			}
			if server.Credentials() != want {
				t.Errorf("%s, initial response %t: the credentials did not arrive", mechanism, withInitial)
			}
			if client.Mechanism() != mechanism {
				t.Errorf("client calls itself %q", client.Mechanism())
			}
		}
	}
	client, _ := NewClient(Login, want)
	if got, err := client.Next([]byte("Password:")); err == nil {
		t.Errorf("the password was given before the user name: %q", got)
	}
}

func TestUnknownMechanism(t *testing.T) {
	if _, ok := NewServer("CRAM-MD5"); ok {
		t.Error("server offers CRAM-MD5")
	}
	if _, ok := NewClient("plain", Credentials{}); ok {
		t.Error("names are upper case")
	}
}

func TestBase64(t *testing.T) {
	for line, want := range map[string]string{"": "", "AGEAYg==": "\x00a\x00b", "YWJj": "abc"} {
		if got, err := Decode(line); err != nil || got == nil || string(got) != want {
			t.Errorf("%q decodes to %q, %v", line, got, err)
		}
		if got := Encode([]byte(want)); got != line {
			t.Errorf("%q encodes to %q", want, got)
		}
	}
	if got, err := DecodeInitial("="); err != nil || got == nil || len(got) != 0 {
		t.Errorf("= decodes to %q, %v", got, err)
	}
	if EncodeInitial(nil) != "=" || EncodeInitial([]byte("abc")) != "YWJj" {
		t.Error("initial responses are encoded wrongly")
	}
	if _, err := Decode("*"); err != ErrCanceled {
		t.Errorf("* gives %v", err)
	}
	for _, bad := range []string{"=", "A", "AGEAYg=", "AGE AYg==", "AGEAYg==x", "YW\nJj", "YWJ\x00", "YR==", "**"} {
		var format *FormatError
		if got, err := Decode(bad); !errors.As(err, &format) {
			t.Errorf("%q decodes to %q, %v", bad, got, err)
		}
	}
}

func TestClaimant(t *testing.T) {
	for _, test := range []struct{ mechanism, initial, want string }{
		{Plain, Encode([]byte("\x00alice\x00secret")), "alice"},
		{Login, Encode([]byte("alice")), "alice"},
		{Plain, "", ""},
		{Login, "=", ""},
		{Plain, "!", ""},
		{"NTLM", Encode([]byte("alice")), ""},
	} {
		if got := Claimant(test.mechanism, test.initial); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.mechanism, test.initial, got, test.want)
		}
	}
}

func FuzzServer(f *testing.F) {
	f.Add(true, "AGEAYg==", "YWJj")
	f.Add(false, "*", "")
	f.Add(true, "=", "YWJj")
	f.Fuzz(func(t *testing.T, plain bool, first, second string) {
		mechanism := Login
		if plain {
			mechanism = Plain
		}
		s, _ := NewServer(mechanism)
		for _, line := range []string{first, second} {
			response, err := DecodeInitial(line)
			if err != nil {
				return
			}
			_, done, err := s.Next(response)
			if err != nil {
				return
			}
			c := s.Credentials()
			if done && (c.Authentication == "" || c.Password.Empty() || strings.Contains(c.Authentication+c.Password.Reveal(), "\x00")) {
				t.Fatalf("%s ended with user %q", mechanism, c.Authentication)
			}
			if done {
				return
			}
		}
	})
}
