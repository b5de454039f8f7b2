package doctor_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/internal/doctor/diagnose"
	"postern/internal/fault"
	"postern/internal/lab"
	"postern/internal/lab/artifacts"
	"postern/internal/lab/debian"
	"postern/internal/lab/dnsserver"
	"postern/internal/pki"
)

// TestHealthyDebianServers runs the probes against the servers that most mail
// hosts run. The domain has an MX record and no SRV: the servers are found by
// their usual name, on the standard ports.
func TestHealthyDebianServers(t *testing.T) {
	if err := debian.Unavailable(); err != nil {
		t.Skip(err)
	}
	running := debianHost(t)
	run, result := examine(t, running)
	keep(t, run, result)
	if result.Verdict != diagnose.Healthy {
		t.Errorf("the verdict is %s (%s)", result.Verdict, result.Reason)
	}
	for _, f := range result.Findings {
		if f.Severity >= fault.SeverityWarning {
			t.Errorf("%s %s: %s", f.ID, f.Severity, f.Title)
		}
	}
	logins := 0
	for _, e := range run.Endpoints {
		logins += len(e.Logins)
	}
	if logins != 6 {
		t.Errorf("%d logins; six ports take one", logins)
	}
	if t.Failed() {
		show(t, run, result)
	}
}

// debianHost starts Dovecot and Postfix, healthy, with a DNS server beside them.
func debianHost(t *testing.T) *lab.Running {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	ca, err := pki.NewCA("Debian test", now.Add(-time.Hour), now.Add(48*time.Hour))
	check(err)
	cert, err := ca.Issue(pki.Leaf{Names: []string{"mail.debian.test"}})
	check(err)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	check(os.WriteFile(roots, ca.PEM(), 0o600))
	o := debian.Options{
		Address: lab.NewRand(rand.Uint64()).Loopback(),
		Host:    "mail.debian.test", Domain: "debian.test",
		User: "alice@debian.test", Password: artifacts.Password(t), Certificate: cert,
	}
	machine, err := debian.Start(t.Context(), o)
	check(err)
	t.Cleanup(machine.Close)
	resolver, err := dnsserver.Start(netip.MustParseAddrPort("127.0.0.1:0"), dnsserver.Zone{Records: fmt.Sprintf(
		"$TTL 300\n%[1]s. IN MX 10 %[2]s.\n%[2]s. IN A %[3]s\n", o.Domain, o.Host, o.Address)})
	check(err)
	t.Cleanup(func() { resolver.Close() })
	return &lab.Running{
		Target: o.User, User: o.User, Password: o.Password,
		CAFile: roots, Resolver: resolver.Addr(),
	}
}
