package demo

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// home is the data directory: the mail host's data, and beside it the files
// that a person needs to try things out.
type home struct {
	dir         string
	temporary   bool
	passwords   map[string]secret.Secret       // by account
	certificate struct{ names, origin string } // of the certificate, for people
}

func openHome(dir string) (*home, error) {
	h := &home{dir: dir, passwords: make(map[string]secret.Secret)}
	if dir == "" {
		temporary, err := os.MkdirTemp("", "postern-demo-")
		if err != nil {
			return nil, fmt.Errorf("make a data directory: %w", err)
		}
		h.dir, h.temporary = temporary, true
		return h, nil
	}
	var err error
	if h.dir, err = filepath.Abs(dir); err == nil {
		err = os.MkdirAll(h.dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	return h, nil
}

// close removes a temporary home.
func (h *home) close() error {
	if !h.temporary {
		return nil
	}
	return os.RemoveAll(h.dir)
}

func (h *home) path(name string) string { return filepath.Join(h.dir, name) }

func (h *home) config() string    { return h.path("demo.toml") }
func (h *home) data() string      { return h.path("mail") }
func (h *home) log() string       { return h.path("serve.log") }
func (h *home) run() string       { return h.path("check.json") }
func (h *home) authority() string { return h.path("ca.pem") }
func (h *home) certFile() string  { return h.path("mail.pem") }
func (h *home) keyFile() string   { return h.path("mail.key") }

func (h *home) passwordFile(account string) string {
	name, _, _ := strings.Cut(account, "@")
	return h.path(name + ".password")
}

// furnish writes what is not there yet: certificates and passwords; and the
// configuration, always, because it has the ports of this run.
func (h *home) furnish(d *demo) error {
	if err := h.certify(d); err != nil {
		return err
	}
	if err := h.inspect(); err != nil {
		return err
	}
	for _, account := range []string{alice, bob} {
		if err := h.choosePassword(account); err != nil {
			return fmt.Errorf("password of %s: %w", account, err)
		}
	}
	return os.WriteFile(h.config(), []byte(d.configuration()), 0o600)
}

// certify makes an authority, and a certificate for the names and addresses
// under which the demo is reached. A pair of files that is there is used.
func (h *home) certify(d *demo) error {
	if exists(h.certFile()) && exists(h.keyFile()) {
		return nil
	}
	authority, err := h.openAuthority()
	if err != nil {
		return err
	}
	cert, err := authority.Issue(pki.Leaf{Names: []string{host, domain, "localhost"}, IPs: d.addresses})
	if err != nil {
		return err
	}
	return pki.Save(h.certFile(), h.keyFile(), cert)
}

// openAuthority loads the authority, or makes it where there is none.
func (h *home) openAuthority() (*pki.CA, error) {
	if exists(h.authority()) {
		return pki.LoadCA(h.authority(), h.path("ca.key"))
	}
	now := time.Now()
	authority, err := pki.NewCA("Postern demo authority", now.Add(-time.Hour), now.AddDate(10, 0, 0))
	if err != nil {
		return nil, err
	}
	return authority, authority.Save(h.authority(), h.path("ca.key"))
}

// inspect reads the certificate that will be served.
func (h *home) inspect() error {
	pair, err := tls.LoadX509KeyPair(h.certFile(), h.keyFile())
	if err != nil {
		return fmt.Errorf("read the certificate in %s: %w", h.dir, err)
	}
	found, err := pki.Inspect([]*x509.Certificate{pair.Leaf}, host, nil)
	if err != nil {
		return err
	}
	h.certificate.names = fmt.Sprintf("%s for %s", found.Key, strings.Join(pair.Leaf.DNSNames, ", "))
	h.certificate.origin = fmt.Sprintf("issued by %s (%s in the data)", pair.Leaf.Issuer.CommonName, filepath.Base(h.authority()))
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// choosePassword draws a password that can be typed, unless there is one.
func (h *home) choosePassword(account string) error {
	text, err := os.ReadFile(h.passwordFile(account))
	if errors.Is(err, fs.ErrNotExist) {
		letters := strings.ToLower(rand.Text())
		text = []byte(letters[:4] + "-" + letters[4:8] + "-" + letters[8:12] + "\n")
		err = os.WriteFile(h.passwordFile(account), text, 0o600)
	}
	h.passwords[account] = secret.New(strings.TrimRight(string(text), "\r\n"))
	return err
}

// configuration is the mail host's: every mail port, on loopback only.
func (d *demo) configuration() string {
	var b strings.Builder
	fmt.Fprintf(&b, "hostname = %q\ndata = %q\n", host, d.home.data())
	var quoted []string
	for _, a := range d.addresses {
		quoted = append(quoted, fmt.Sprintf("%q", a))
	}
	for _, p := range ports.All() {
		fmt.Fprintf(&b, "\n[[listen]]\nport = %d\naddresses = [%s]\nprotocol = %q\nsecurity = %q\nrole = %q\n",
			d.Offset.Number(p), strings.Join(quoted, ", "), p.Protocol, p.Security, p.Role)
	}
	fmt.Fprintf(&b, "\n[[certificate]]\nfile = %q\nkey = %q\n", d.home.certFile(), d.home.keyFile())
	return b.String()
}
