package doctor_test

import (
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/internal/dns"
	"postern/internal/doctor"
	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/discover"
	"postern/internal/doctor/probe"
	"postern/internal/lab"
	"postern/internal/lab/artifacts"
	"postern/internal/lab/dnsserver"
	"postern/internal/lab/script"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

// village is a domain without SRV records whose one server has several usual
// names, on ports that are moved by an offset.
type village struct {
	address  netip.Addr
	offset   ports.Offset
	password string
	resolver netip.AddrPort
	ca       *pki.CA
}

func newVillage(t *testing.T, records string, leaf ...string) *village {
	t.Helper()
	now := time.Now()
	ca, err := pki.NewCA("Village", now.Add(-time.Hour), now.Add(48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(pki.Leaf{Names: leaf})
	if err != nil {
		t.Fatal(err)
	}
	v := &village{address: lab.NewRand(rand.Uint64()).Loopback(), password: artifacts.Password(t), ca: ca}
	server, err := dnsserver.Start(netip.MustParseAddrPort("127.0.0.1:0"), dnsserver.Zone{
		Records: "$TTL 300\n" + fmt.Sprintf(records, v.address),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	v.resolver = server.Addr()
	v.listen(t, cert)
	return v
}

// listen opens every port for people at an offset where all of them are free.
func (v *village) listen(t *testing.T, cert tls.Certificate) {
	t.Helper()
	var open []net.Listener
	for tries := 0; len(open) == 0; tries++ {
		if tries == 50 {
			t.Fatal("no offset has all ports free")
		}
		v.offset = ports.Offset(10000 + rand.IntN(40000))
		for _, p := range ports.All() {
			l, err := net.Listen("tcp", netip.AddrPortFrom(v.address, uint16(v.offset.Number(p))).String())
			if err != nil {
				for _, l := range open {
					l.Close()
				}
				open = nil
				break
			}
			open = append(open, l)
		}
	}
	for i, p := range ports.All() {
		server := &script.Server{
			Script:   map[ports.Protocol]*script.Script{ports.IMAP: script.IMAP(), ports.POP3: script.POP3(), ports.SMTP: script.SMTP()}[p.Protocol],
			TLS:      &tls.Config{Certificates: []tls.Certificate{cert}},
			Implicit: p.Security == ports.TLS,
			Vars:     map[string]string{"host": "mail.village.test"},
			Accounts: map[string]string{"alice@village.test": v.password},
		}
		if err := server.Start(open[i]); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
	}
}

func (v *village) check(t *testing.T, target string) diagnose.Result {
	t.Helper()
	parsed, err := discover.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	run := doctor.Check(t.Context(), doctor.Options{
		Target: parsed, Password: secret.New(v.password), Offset: v.offset,
		Resolver: dns.Servers{v.resolver}, Server: v.resolver.String(),
		Roots: v.ca.Pool(), Limits: probe.DefaultLimits,
	})
	result := diagnose.Judge(run)
	keep(t, run, result)
	t.Cleanup(func() {
		if t.Failed() {
			show(t, run, result)
		}
	})
	return result
}

// settings lists the host and port of each setting, best first.
func (v *village) settings(result diagnose.Result) []string {
	var list []string
	for _, s := range result.Settings {
		list = append(list, fmt.Sprintf("%s %s %d %s", s.Use, s.Host, s.Port-int(v.offset), s.Security))
	}
	return list
}

// TestUsualNamesOfOneServer: the names share an address, and the certificate
// tells which of them is the one to use. That the others do not fit alarms
// nobody, as nobody uses them.
func TestUsualNamesOfOneServer(t *testing.T) {
	v := newVillage(t, `
village.test. IN MX 10 mx.elsewhere.test.
imap.village.test. IN A %[1]s
pop.village.test. IN A %[1]s
smtp.village.test. IN A %[1]s
mail.village.test. IN A %[1]s`, "mail.village.test")
	result := v.check(t, "alice@village.test")
	if result.Verdict != diagnose.Healthy {
		t.Errorf("the verdict is %s (%s)", result.Verdict, result.Reason)
	}
	want := []string{
		"incoming mail.village.test 993 tls",
		"incoming mail.village.test 143 starttls",
		"incoming mail.village.test 995 tls",
		"incoming mail.village.test 110 starttls",
		"outgoing mail.village.test 465 tls",
		"outgoing mail.village.test 587 starttls",
		"outgoing mail.village.test 2525 starttls",
		"outgoing mail.village.test 26 starttls",
	}
	if diff := cmp.Diff(want, v.settings(result)); diff != "" {
		t.Error(diff)
	}
}

// TestNameOnTheCertificate: the certificate is for a name that the user did not
// give, and which leads to the same server.
func TestNameOnTheCertificate(t *testing.T) {
	v := newVillage(t, `
mail.village.test. IN A %[1]s
server7.hosting.test. IN A %[1]s`, "server7.hosting.test", "*.hosting.test", "elsewhere.hosting.test")
	result := v.check(t, "mail.village.test")
	if len(result.Findings) == 0 || result.Findings[0].ID != "TL10" {
		t.Fatalf("findings: %+v", result.Findings)
	}
	if list := v.settings(result); len(list) == 0 || list[0] != "incoming server7.hosting.test 993 tls" {
		t.Errorf("settings: %q", list)
	}
}

// The MX host shares the server with the name that people type, and the
// certificate lists that one alone: nobody is told to use the MX host.
func TestMXHostWithoutANameOnTheCertificate(t *testing.T) {
	v := newVillage(t, `
village.test. IN MX 10 mx.village.test.
mx.village.test. IN CNAME mail.village.test.
mail.village.test. IN A %[1]s`, "mail.village.test")
	result := v.check(t, "alice@village.test")
	if result.Verdict != diagnose.Healthy {
		t.Errorf("the verdict is %s (%s)", result.Verdict, result.Reason)
	}
	if got := v.settings(result); len(got) == 0 || got[0] != "incoming mail.village.test 993 tls" {
		t.Errorf("settings %v", got)
	}
}
