package probe

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/internal/doctor/evidence"
	"postern/internal/lab/artifacts"
	"postern/internal/lab/script"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

const (
	host     = "mail.example.test"
	alice    = "alice@example.test"
	password = `correct "horse" battery\`
)

// house is a mail host of scripted servers, all on one address.
type house struct {
	t         *testing.T
	ca        *pki.CA
	leaf      pki.Leaf // of the certificate; changed before a server is opened
	selfMade  bool
	versions  [2]uint16 // lowest and highest of TLS
	counter   script.Counter
	users     map[string]string
	endpoints []evidence.Endpoint
}

func newHouse(t *testing.T) *house {
	now := time.Now()
	ca, err := pki.NewCA("Test", now.Add(-1000*time.Hour), now.Add(1000*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	artifacts.Enter(t, password)
	return &house{t: t, ca: ca, leaf: pki.Leaf{Names: []string{host}}, users: map[string]string{alice: password}}
}

func (h *house) certificate() tls.Certificate {
	h.t.Helper()
	issue := h.ca.Issue
	if h.selfMade {
		issue = pki.SelfSigned
	}
	cert, err := issue(h.leaf)
	if err != nil {
		h.t.Fatal(err)
	}
	return cert
}

// open starts a server on a free port and returns its endpoint.
func (h *house) open(p ports.Protocol, s ports.Security, text *script.Script) *evidence.Endpoint {
	h.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	server := &script.Server{
		Script:   text,
		TLS:      &tls.Config{Certificates: []tls.Certificate{h.certificate()}, MinVersion: h.versions[0], MaxVersion: h.versions[1]},
		Implicit: s == ports.TLS,
		Vars:     map[string]string{"host": host},
		Accounts: h.users,
		Counter:  &h.counter,
	}
	if err := server.Start(listener); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(server.Close)
	at := netip.MustParseAddrPort(listener.Addr().String())
	role := ports.Access
	if p == ports.SMTP {
		role = ports.Submission
	}
	h.endpoints = append(h.endpoints, evidence.Endpoint{
		Host: host, Address: at.Addr().String(), Port: int(at.Port()), Protocol: p, Security: s, Role: role,
	})
	return &h.endpoints[len(h.endpoints)-1]
}

// everything opens one server for each way in.
func (h *house) everything() {
	for _, s := range []ports.Security{ports.TLS, ports.StartTLS} {
		h.open(ports.IMAP, s, script.IMAP())
		h.open(ports.POP3, s, script.POP3())
		h.open(ports.SMTP, s, script.SMTP())
	}
}

// brief are limits for servers that answer at once.
var brief = Limits{
	Connect:  5 * time.Second,
	Greeting: 200 * time.Millisecond,
	Late:     10 * time.Second,
	Reply:    5 * time.Second,
	Pause:    time.Millisecond,
}

func (h *house) options() Options {
	return Options{Limits: brief, Roots: h.ca.Pool(), Secrets: []secret.Secret{secret.New(password)}}
}

func (h *house) look() []evidence.Endpoint {
	Look(h.t.Context(), h.endpoints, h.options())
	return h.endpoints
}

func credentials(password string) Credentials {
	return Credentials{
		Users: []User{
			{Name: alice, Form: evidence.UserAddress},
			{Name: "alice", Form: evidence.UserLocalPart},
		},
		Password: secret.New(password),
	}
}

// login looks and then logs in.
func (h *house) login(c Credentials) []evidence.Endpoint {
	h.look()
	Login(h.t.Context(), h.endpoints, c, h.options())
	for _, e := range h.endpoints {
		fmt.Fprintln(artifacts.Writer(h.t, "evidence"), tell(h.t, e))
	}
	return h.endpoints
}

// tell prints what was seen at an endpoint.
func tell(t *testing.T, e evidence.Endpoint) string {
	t.Helper()
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// noSecret fails when the evidence holds the password in any form in which a
// protocol carries it.
func noSecret(t *testing.T, endpoints []evidence.Endpoint, password string) {
	t.Helper()
	text, err := json.Marshal(endpoints)
	if err != nil {
		t.Fatal(err)
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(password)
	forms := []string{
		password, quoted,
		base64.StdEncoding.EncodeToString([]byte(password)),
		base64.StdEncoding.EncodeToString([]byte("\x00" + alice + "\x00" + password)),
		base64.StdEncoding.EncodeToString([]byte("\x00alice\x00" + password)),
	}
	for _, form := range forms {
		inJSON, _ := json.Marshal(form)
		if bytes.Contains(text, []byte(form)) || bytes.Contains(text, bytes.Trim(inJSON, `"`)) {
			t.Errorf("the evidence holds %q", form)
		}
	}
}

// skips lists why no login was tried, in the order of the endpoints.
func skips(endpoints []evidence.Endpoint) []string {
	var all []string
	for _, e := range endpoints {
		all = append(all, e.Skipped)
	}
	return all
}

func only(list []string, allowed string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return s != allowed })
}
