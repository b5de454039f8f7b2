package discover

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"postern/internal/doctor/evidence"
)

func TestParseTarget(t *testing.T) {
	address := func(address, domain string) evidence.Target {
		return evidence.Target{Kind: evidence.TargetAddress, Address: address, Domain: domain, User: address}
	}
	domain := func(name string) evidence.Target {
		return evidence.Target{Kind: evidence.TargetDomain, Domain: name}
	}
	host := func(name string) evidence.Target {
		return evidence.Target{Kind: evidence.TargetHost, Domain: name, Host: name}
	}
	endpoint := func(domain, host string, port int) evidence.Target {
		return evidence.Target{Kind: evidence.TargetEndpoint, Domain: domain, Host: host, Port: port}
	}
	ip := func(addr string) evidence.Target {
		return evidence.Target{Kind: evidence.TargetIP, Host: addr}
	}
	withUser := func(target evidence.Target, user string) evidence.Target {
		target.User = user
		return target
	}
	for input, want := range map[string]evidence.Target{
		"alice@example.com":                  address("alice@example.com", "example.com"),
		"  Alice@Example.COM. ":              address("Alice@example.com", "example.com"),
		"<alice@example.com>":                address("alice@example.com", "example.com"),
		"Alice A. <alice@example.com>":       address("alice@example.com", "example.com"),
		"mailto:alice@example.com?subject=x": address("alice@example.com", "example.com"),
		"mailto:alice@example.com":           address("alice@example.com", "example.com"),
		`"a@b"@mail.example.com`:             address(`"a@b"@mail.example.com`, "mail.example.com"),
		"jürgen@bücher.example":              address("jürgen@xn--bcher-kva.example", "xn--bcher-kva.example"),
		"example.com":                        domain("example.com"),
		"EXAMPLE.co.uk.":                     domain("example.co.uk"),
		"demo.test":                          domain("demo.test"),
		"https://example.com/mail":           domain("example.com"),
		"bücher.example":                     domain("xn--bcher-kva.example"),
		"mail.example.com":                   host("mail.example.com"),
		"http://mail.example.com/":           host("mail.example.com"),
		"localhost":                          host("localhost"),
		"my_host.example.com":                host("my_host.example.com"),
		"mail.example.com:993":               endpoint("mail.example.com", "mail.example.com", 993),
		"example.com:25":                     endpoint("example.com", "example.com", 25),
		"imaps://mail.example.com:993/":      endpoint("mail.example.com", "mail.example.com", 993),
		"imap://al%40x@mail.example.com":     withUser(host("mail.example.com"), "al@x"),
		"smtp://al:pw@mail.example.com:25":   withUser(endpoint("mail.example.com", "mail.example.com", 25), "al"),
		"192.0.2.1":                          ip("192.0.2.1"),
		"2001:DB8::1":                        ip("2001:db8::1"),
		"[2001:db8::1]":                      ip("2001:db8::1"),
		"::ffff:192.0.2.1":                   ip("192.0.2.1"),
		"192.0.2.1:143":                      endpoint("", "192.0.2.1", 143),
		"[2001:db8::1]:143":                  endpoint("", "2001:db8::1", 143),
	} {
		want.Input = strings.Replace(input, ":pw@", ":[secret]@", 1)
		got, err := ParseTarget(input)
		if err != nil {
			t.Errorf("%q: %v", input, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", input, diff)
		}
	}
}

func TestParseTargetRefuses(t *testing.T) {
	for input, why := range map[string]string{
		"":                                   "nothing to check",
		"   ":                                "nothing to check",
		"@example.com":                       "needs a name before",
		"alice@":                             "a domain after the @",
		"alice@example..com":                 "no host name",
		"alice@exa mple.com":                 "space",
		"mail.example.com:0":                 "1 to 65535",
		"mail.example.com:70000":             "1 to 65535",
		"mail.example.com:imap":              "1 to 65535",
		"[2001:db8::1":                       "no closing",
		"[2001:db8::1]x":                     "only be a port",
		"192.0.2.300":                        "neither an IP address nor",
		"exam\x00ple.com":                    "characters",
		"exam\xffple.com":                    "characters",
		"mail;rm.example.com":                "can't be a part",
		strings.Repeat("a", 2000):            "2000 characters",
		strings.Repeat("a", 64) + ".example": "can't be a part",
		strings.Repeat("abcdefgh.", 30) + "example.com": "at most 253",
	} {
		_, err := ParseTarget(input)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%.40q: %v, expected an error with %q", input, err, why)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{"alice@example.com", "[::1]:993", "https://bücher.example/x", "imap://a:b@c:1", "a@b@c", "localhost", "<@>", "[]:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		target, err := ParseTarget(input)
		if err != nil {
			return
		}
		if target.Host == "" && target.Domain == "" {
			t.Errorf("%q gives nothing to look at: %+v", input, target)
		}
		for _, name := range []string{target.Host, target.Domain} {
			if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' }) || len(name) > 253 {
				t.Errorf("%q gives the host name %q", input, name)
			}
		}
		if target.Port < 0 || target.Port > 65535 {
			t.Errorf("%q gives port %d", input, target.Port)
		}
	})
}

// A password in a pasted URL came out in the report and in saved files.
func TestTargetKeepsNoPassword(t *testing.T) {
	for input, want := range map[string]string{
		"smtp://al:pa:ss@mail.example.com:25/x": "smtp://al:[secret]@mail.example.com:25/x",
		"imap://al:p@ss@mail.example.com":       "imap://al:[secret]@mail.example.com",
		"imap://al@mail.example.com:993":        "imap://al@mail.example.com:993",
		"https://example.com/a:b@c":             "https://example.com/a:b@c",
	} {
		if got, err := ParseTarget(input); got.Input != want || err != nil && strings.Contains(err.Error(), "ss") {
			t.Errorf("%s is kept as %q, %v", input, got.Input, err)
		}
	}
}
