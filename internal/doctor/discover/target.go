package discover

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"postern/internal/dns"
	"postern/internal/doctor/evidence"
	"postern/internal/secret"
)

// maxTarget is longer than any address (RFC 5321 §4.5.3.1) with a URL around it.
const maxTarget = 1024

// ParseTarget reads what a person typed: an address, a domain, a host, either
// with a port, or an IP. It forgives what people paste: spaces around, URLs of
// a web site or a mail server, angle brackets, capital letters, a final dot,
// international names. The error says what can't be a target, for the user.
func ParseTarget(input string) (evidence.Target, error) {
	target := evidence.Target{Input: input}
	if len(input) > maxTarget {
		return target, fmt.Errorf("the target has %d characters; give an address such as you@example.com, a domain or a host", len(input))
	}
	target.Input = withoutPassword(input)
	text, user, err := unwrap(input)
	if err != nil {
		return target, err
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		return target, readAddress(&target, text[:at], text[at+1:])
	}
	target.User = user
	return target, readPlace(&target, text)
}

// withoutPassword masks the password of a URL, which is in every output.
func withoutPassword(input string) string {
	scheme, rest, ok := strings.Cut(input, "://")
	if !ok {
		return input
	}
	place, path, _ := strings.Cut(rest, "/")
	at := strings.LastIndexByte(place, '@')
	user, _, ok := strings.Cut(place[:max(at, 0)], ":")
	if !ok {
		return input
	}
	if place = user + ":" + secret.Mask + place[at:]; path != "" {
		place += "/" + path
	}
	return scheme + "://" + place
}

// unwrap takes off what is not part of an address or a host name.
func unwrap(input string) (text, user string, err error) {
	text = strings.TrimSpace(input)
	switch {
	case text == "":
		return "", "", errors.New("nothing to check: give an address such as you@example.com, a domain or a host")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return "", "", fmt.Errorf("the target %q has characters that no address or host name has", withoutPassword(input))
	}
	if inside, ok := strings.CutSuffix(text, ">"); ok { // Alice <alice@example.com>
		text = inside[strings.LastIndexByte(inside, '<')+1:]
	}
	if address, ok := strings.CutPrefix(text, "mailto:"); ok {
		text, _, _ = strings.Cut(address, "?")
	}
	if _, after, ok := strings.Cut(text, "://"); ok {
		text, _, _ = strings.Cut(after, "/")
		if at := strings.LastIndexByte(text, '@'); at >= 0 {
			user, _, _ = strings.Cut(text[:at], ":")
			text = text[at+1:]
			if name, err := url.PathUnescape(user); err == nil {
				user = name
			}
		}
	}
	text = strings.TrimSpace(strings.TrimSuffix(text, "/"))
	if strings.ContainsFunc(text, unicode.IsSpace) {
		return "", "", fmt.Errorf("the target %q has a space in it; give one address, domain or host", withoutPassword(input))
	}
	return text, user, nil
}

func readAddress(target *evidence.Target, local, domain string) error {
	switch {
	case local == "" || domain == "":
		return fmt.Errorf("%q is no address: it needs a name before and a domain after the @", target.Input)
	case strings.Contains(local, "@") && !strings.HasPrefix(local, `"`):
		return fmt.Errorf("%q is no address: it has more than one @", target.Input)
	case strings.Contains(domain, ":"):
		return fmt.Errorf("%q: an address has no port; give the address, or a server with its port", target.Input)
	}
	ascii, err := hostName(domain)
	if err != nil {
		return err
	}
	target.Kind = evidence.TargetAddress
	target.Domain = ascii
	target.Address = local + "@" + ascii
	target.User = target.Address
	return nil
}

// readPlace reads a host, domain or IP, with or without a port.
func readPlace(target *evidence.Target, text string) error {
	name, port, err := splitPort(text)
	if err != nil {
		return err
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		target.Kind, target.Host = evidence.TargetIP, addr.Unmap().String()
	} else {
		ascii, err := hostName(name)
		if err != nil {
			return err
		}
		target.Kind, target.Host, target.Domain = evidence.TargetHost, ascii, ascii
		if base, err := publicsuffix.EffectiveTLDPlusOne(ascii); err == nil && base == ascii {
			target.Kind, target.Host = evidence.TargetDomain, ""
		}
	}
	if port != 0 {
		target.Kind, target.Port = evidence.TargetEndpoint, port
		if target.Host == "" {
			target.Host = target.Domain
		}
	}
	return nil
}

// splitPort separates "host:port", "[IPv6]:port" and what has no port.
func splitPort(text string) (name string, port int, err error) {
	if _, err := netip.ParseAddr(text); err == nil {
		return text, 0, nil
	}
	name, digits, found := text, "", false
	if inner, ok := strings.CutPrefix(text, "["); ok {
		inside, after, ok := strings.Cut(inner, "]")
		if !ok {
			return "", 0, fmt.Errorf("%q has an opening bracket and no closing one", text)
		}
		name = inside
		digits, found = strings.CutPrefix(after, ":")
		if !found && after != "" {
			return "", 0, fmt.Errorf("%q: after the bracket there can only be a port, such as :993", text)
		}
	} else {
		name, digits, found = strings.Cut(text, ":")
	}
	if !found {
		return name, 0, nil
	}
	port, err = strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%q is no port: a port is a number from 1 to 65535, such as 993", digits)
	}
	return name, port, nil
}

// names converts international names as browsers and mail programs do
// (UTS 46). Underscores pass: they are wrong in host names, and in use.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(false))

// hostName returns the ASCII form of a domain or host name, without a final dot.
func hostName(name string) (string, error) {
	ascii, err := names.ToASCII(name)
	if err != nil {
		return "", fmt.Errorf("%q is no host name: %w", name, err)
	}
	ascii = dns.Canonical(ascii)
	if len(ascii) > 253 {
		return "", fmt.Errorf("a host name has at most 253 characters, this one has %d", len(ascii))
	}
	labels := strings.Split(ascii, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notInName) {
			return "", fmt.Errorf("%q is no host name: %q can't be a part of one", name, label)
		}
	}
	if _, err := strconv.Atoi(labels[len(labels)-1]); err == nil {
		return "", fmt.Errorf("%q is neither an IP address nor a host name", name)
	}
	return ascii, nil
}

func notInName(r rune) bool {
	return !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z')
}
