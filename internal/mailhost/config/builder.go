package config

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"postern/internal/wire/ports"
	"postern/internal/wire/smtp"
)

// builder turns a document into a Config and collects what is wrong with it.
type builder struct {
	file, dir string
	lines     map[string]int
	problems  []problem
}

// problem is one mistake and its place.
type problem struct {
	line int
	text string
}

// err is nil without problems, else names them all from the top of the file to
// its end.
func (b *builder) err() error {
	slices.SortStableFunc(b.problems, func(x, y problem) int { return cmp.Compare(x.line, y.line) })
	var all []error
	for _, p := range b.problems {
		all = append(all, fmt.Errorf("%s:%d: %s", b.file, p.line, p.text))
	}
	return errors.Join(all...)
}

// wrong notes that the value of a key is not what the key expects.
func (b *builder) wrong(key string, got any) {
	b.problem(key, "expected %s, found %v", wanted(strings.Split(withoutIndex(key), ".")), got)
}

func (b *builder) problem(key, format string, args ...any) {
	text := withoutIndex(key) + ": " + fmt.Sprintf(format, args...)
	b.problems = append(b.problems, problem{b.line(key), text})
}

// line is the key's, or that of the table it is missing from.
func (b *builder) line(key string) int {
	for ; key != ""; key = key[:max(strings.LastIndexByte(key, '.'), 0)] {
		if row, ok := b.lines[key]; ok {
			return row
		}
	}
	return 1
}

// withoutIndex turns "listen[1].port" into "listen.port".
func withoutIndex(key string) string {
	before, rest, ok := strings.Cut(key, "[")
	if !ok {
		return key
	}
	_, after, _ := strings.Cut(rest, "]")
	return before + after
}

func (b *builder) config(d *document) Config {
	c := Default()
	b.hostname(d.Hostname, &c.Hostname)
	b.path("data", d.Data, &c.Data)
	if !filepath.IsAbs(c.Data) {
		c.Data = filepath.Join(b.dir, c.Data)
	}
	b.address("postmaster", d.Postmaster, &c.Postmaster)
	c.Listen = b.listen(d)
	c.Certificates = b.certificates(d.Certificate)

	b.number("limits.connections", d.Limits.Connections, &c.Limits.Connections, 1)
	b.number("limits.connections_per_address", d.Limits.ConnectionsPerAddress, &c.Limits.ConnectionsPerAddress, 1)
	b.size("limits.message_size", d.Limits.MessageSize, &c.Limits.MessageSize, 64<<10)
	b.number("limits.recipients", d.Limits.Recipients, &c.Limits.Recipients, 100)

	b.duration("guard.window", d.Guard.Window, &c.Guard.Window)
	b.number("guard.slow_after", d.Guard.SlowAfter, &c.Guard.SlowAfter, 1)
	b.number("guard.address", d.Guard.Address, &c.Guard.Address, 1)
	b.number("guard.network", d.Guard.Network, &c.Guard.Network, 1)
	b.number("guard.account", d.Guard.Account, &c.Guard.Account, 1)
	b.duration("guard.refuse_for", d.Guard.RefuseFor, &c.Guard.RefuseFor)
	c.Guard.Trusted = b.networks("guard.trusted", d.Guard.Trusted)

	b.duration("activity.keep", d.Activity.Keep, &c.Activity.Keep)
	b.size("activity.size", d.Activity.Size, &c.Activity.MaxSize, 1<<20)

	b.choice("log.level", d.Log.Level, &c.Log.Level, "debug", "info", "warn", "error")
	b.choice("log.format", d.Log.Format, &c.Log.Format, "text", "json")
	return c
}

func (b *builder) hostname(from *string, to *string) {
	switch {
	case from == nil:
		b.problem("hostname", "is missing; expected %s", wanted([]string{"hostname"}))
	case !smtp.IsDomain(*from) || strings.HasPrefix(*from, "["):
		b.wrong("hostname", quote(*from))
	default:
		*to = strings.ToLower(*from)
	}
}

func (b *builder) address(key string, from *string, to *string) {
	if from == nil {
		return
	}
	if a, err := smtp.ParseAddress(*from); err != nil || a.IsNull() {
		b.wrong(key, quote(*from))
		return
	}
	*to = *from
}

func (b *builder) certificates(tables []certificateTable) []CertificateFiles {
	var all []CertificateFiles
	for i, t := range tables {
		var files CertificateFiles
		b.requiredPath(fmt.Sprintf("certificate[%d].file", i), t.File, &files.Certificate)
		b.requiredPath(fmt.Sprintf("certificate[%d].key", i), t.Key, &files.Key)
		all = append(all, files)
	}
	return all
}

// networks reads addresses and prefixes.
func (b *builder) networks(key string, from []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range from {
		if a, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(a, a.BitLen()))
		} else if p, err := netip.ParsePrefix(text); err == nil {
			all = append(all, p.Masked())
		} else {
			b.wrong(key, quote(text))
		}
	}
	return all
}

// listen reads the [[listen]] tables; without any it is every standard port.
func (b *builder) listen(d *document) []Listen {
	if len(d.Listen) == 0 {
		offset := ports.Offset(0)
		if d.Offset != nil {
			offset = ports.Offset(*d.Offset)
		}
		if err := offset.Check(); err != nil {
			b.wrong("port_offset", *d.Offset)
		}
		return StandardListen(offset)
	}
	if d.Offset != nil {
		b.problem("port_offset", "has no meaning beside [[listen]]; write the port numbers there")
	}
	var all []Listen
	for i, t := range d.Listen {
		key := fmt.Sprintf("listen[%d]", i)
		l := b.listenPort(key, t)
		for _, a := range b.addresses(key+".addresses", t.Addresses) {
			l.Address = a
			b.unique(key+".port", all, l)
			all = append(all, l)
		}
	}
	return all
}

// unique notes a port that is opened twice.
func (b *builder) unique(key string, all []Listen, l Listen) {
	for _, other := range all {
		if l.Port != 0 && other.Port == l.Port && (other.Address == l.Address || !other.Address.IsValid() || !l.Address.IsValid()) {
			b.problem(key, "port %d is opened by another [[listen]] already", l.Port)
			return
		}
	}
}

func (b *builder) addresses(key string, from []string) []netip.Addr {
	if len(from) == 0 {
		return []netip.Addr{{}}
	}
	var all []netip.Addr
	for _, text := range from {
		a, err := netip.ParseAddr(text)
		if err != nil {
			b.wrong(key, quote(text))
			continue
		}
		all = append(all, a)
	}
	return all
}

// listenPort reads one port. A standard port needs no more than its number.
func (b *builder) listenPort(key string, t listenTable) Listen {
	if t.Port == nil || *t.Port < 0 || *t.Port > 65535 {
		b.missingOrWrong(key+".port", t.Port)
		return Listen{}
	}
	l := Listen{Port: int(*t.Port)}
	if p, ok := ports.Lookup(l.Port); ok {
		l.Protocol, l.Security, l.Role = p.Protocol, p.Security, p.Role
	}
	choose(b, key+".protocol", t.Protocol, &l.Protocol, ports.SMTP, ports.POP3, ports.IMAP)
	choose(b, key+".security", t.Security, &l.Security, ports.TLS, ports.StartTLS, ports.None)
	if l.Role == "" && t.Role == nil && l.Protocol != ports.SMTP {
		l.Role = ports.Access
	}
	choose(b, key+".role", t.Role, &l.Role, ports.Relay, ports.Submission, ports.Access)
	switch {
	case (l.Protocol == ports.SMTP) == (l.Role == ports.Access):
		b.wrong(key+".role", fmt.Sprintf("%q with %s", l.Role, l.Protocol))
	case l.Security == ports.None && l.Role != ports.Relay:
		b.problem(key+".security", `"none" would let nobody log in, because passwords need encryption; expected "tls" or "starttls"`)
	}
	return l
}
