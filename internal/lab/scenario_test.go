package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"postern/internal/client"
	"postern/internal/dns"
	"postern/internal/fault"
	"postern/internal/lab/debian"
	"postern/internal/lab/leakcheck"
	"postern/internal/lab/netns"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

func TestMain(m *testing.M) {
	netns.Main()
	leakcheck.Main(m)
}

// symptoms is what a plain client meets at the services that the fault strikes.
// The doctor's tests show what is made of it; these show that it is there.
var symptoms = map[fault.ID]string{
	"DN02": "no such name",
	"DN08": "no records",
	"LN07": "no connection", // over IPv6
	"RT01": "refused",
	"RT02": "no connection",
	"RT11": "reset",
	"RT12": "closed",
	"GW01": "silence",
	"GW02": "silence", // for longer than this client waits
	"GW03": "busy",
	"GW05": "stranger",
	"TL01": "no STARTTLS",
	"TL03": "STARTTLS refused",
	"TL04": "old TLS",
	"TL07": "expired",
	"TL09": "not yet valid",
	"TL10": "other name",
	"TL11": "unknown authority",
	"TL12": "unknown authority",
	"TL17": "other name",
	"AU01": "login refused",
	"MB02": "mailbox locked",
}

const ok = "ok"

// besides lists what a client may meet in a scenario as well.
var besides = map[string][]string{
	"gw05-wrong-service":          {"silence"}, // a web server waits for its client to begin
	"tl01-dovecot-without-tls":    {"refused"}, // at the ports that begin with TLS
	"au01-dovecot-wrong-password": {"silence"}, // Dovecot takes its time, and more from try to try
}

func TestScenarios(t *testing.T) {
	for i, s := range All() {
		t.Run(s.ID, func(t *testing.T) {
			if s.Namespace && !netns.Inside() {
				netns.RunTest(t)
				return
			}
			runs := 2
			if s.Debian {
				if err := debian.Unavailable(); err != nil {
					t.Skip(err)
				}
				runs = 1 // its texts are always the same
			}
			t.Parallel()
			for run := range runs {
				seed := uint64(2*i + run) // no two at one address
				met := visit(t, s, seed)
				want := []string{ok}
				if !s.Healthy {
					want = append([]string{ok, symptoms[s.Fault]}, besides[s.ID]...)
				}
				for place, symptom := range met {
					if !slices.Contains(want, symptom) {
						t.Errorf("seed %d: %s: %s, want one of %q", seed, place, symptom, want)
					}
				}
				if !s.Healthy && !slices.Contains(values(met), symptoms[s.Fault]) {
					t.Errorf("seed %d: nobody meets %q: %v", seed, symptoms[s.Fault], met)
				}
			}
		})
	}
}

func values(m map[string]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

// patience is how long a client waits: shortly where nothing will come, and long
// where a busy machine may be late with what must come.
func patience(s Scenario) time.Duration {
	symptom := symptoms[s.Fault]
	if !s.Healthy && (symptom == "silence" || symptom == "no connection" || slices.Contains(besides[s.ID], "silence")) {
		return 3 * time.Second
	}
	return 30 * time.Second
}

// visit starts a scenario and goes to every service that the target leads to.
// It returns the symptom of each.
func visit(t *testing.T, s Scenario, seed uint64) map[string]string {
	t.Helper()
	run, err := s.Start(t.Context(), NewRand(seed))
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	v := &visitor{T: t, run: run, patience: patience(s), resolver: dns.Servers{run.Resolver}, met: make(map[string]string)}
	if host, port, err := net.SplitHostPort(run.Target); err == nil {
		v.host(host, port, ports.IMAP, ports.StartTLS)
	} else {
		v.domain(run.Target[strings.Index(run.Target, "@")+1:])
	}
	v.sessions.Wait()
	return v.met
}

// visitor is a plain client that waits for nothing long.
type visitor struct {
	*testing.T
	run      *Running
	resolver dns.Resolver
	patience time.Duration

	sessions sync.WaitGroup
	mu       sync.Mutex
	met      map[string]string // place to symptom
}

func (v *visitor) meets(place, symptom string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.met[place] = symptom
}

func (v *visitor) ask(name string, kind dns.Type) dns.Answer {
	answer, err := v.resolver.Lookup(v.Context(), name, kind)
	if err != nil {
		v.Fatal(err)
	}
	return answer
}

func (v *visitor) domain(domain string) {
	published := 0
	for _, p := range ports.All() {
		if p.Service == "" {
			continue
		}
		for _, srv := range v.ask("_"+p.Service+"._tcp."+domain, dns.TypeSRV).Targets() {
			published++
			v.host(srv.Target, fmt.Sprint(srv.Port), p.Protocol, p.Security)
		}
	}
	if published == 0 && v.ask(domain, dns.TypeMX).Empty() && v.ask(domain, dns.TypeA).Empty() {
		v.meets(domain, "no records")
	}
}

func (v *visitor) host(host, port string, protocol ports.Protocol, security ports.Security) {
	addresses := []string{host}
	if net.ParseIP(host) == nil {
		addresses = nil
		for _, kind := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
			for _, a := range v.ask(host, kind).Addrs() {
				addresses = append(addresses, a.String())
			}
		}
	}
	if len(addresses) == 0 {
		v.meets(host, "no such name")
	}
	for _, a := range addresses {
		v.sessions.Go(func() {
			v.meets(fmt.Sprintf("%s %s %s", protocol, security, net.JoinHostPort(a, port)), v.session(client.Endpoint{
				Protocol: protocol, Security: security, Address: net.JoinHostPort(a, port),
				TLS: &tls.Config{ServerName: host, RootCAs: v.roots()},
			}))
		})
	}
}

func (v *visitor) roots() *x509.CertPool {
	pool, err := pki.ReadPool(v.run.CAFile)
	if err != nil {
		v.Error(err)
	}
	return pool
}

// session goes as far as the mailbox and returns what stopped it.
func (v *visitor) session(e client.Endpoint) string {
	ctx, cancel := context.WithTimeout(v.Context(), v.patience)
	defer cancel()
	session, capabilities, err := client.Connect(ctx, e, client.Options{})
	if err != nil {
		return symptomOf(err)
	}
	defer session.Conn().Close()
	reply, err := session.Login(ctx, capabilities.Mechanisms()[0], v.run.User, secret.New(v.run.Password))
	switch {
	case err != nil:
		return symptomOf(err)
	case reply.Detail == "IN-USE":
		return "mailbox locked"
	case !reply.OK():
		return "login refused"
	}
	return ok
}

// unknownCommand is how servers name a command that they have not offered.
var unknownCommand = regexp.MustCompile("Unknown command|not implemented|isn't enabled")

// symptomOf puts a failure to connect into a word.
func symptomOf(err error) string {
	var refused *client.RefusedError
	var invalid x509.CertificateInvalidError
	var dial *net.OpError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &refused) && refused.Step == "greeting" && refused.Reply.Status == client.Unknown:
		return "stranger"
	case errors.As(err, &refused) && refused.Step == "greeting" && !refused.Reply.OK():
		return "busy"
	case errors.As(err, &refused) && unknownCommand.MatchString(refused.Reply.Text):
		return "no " + refused.Step
	case errors.As(err, &refused):
		return refused.Step + " refused"
	case errors.As(err, new(x509.HostnameError)):
		return "other name"
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return "unknown authority"
	case errors.As(err, &invalid) && time.Now().Before(invalid.Cert.NotBefore):
		return "not yet valid"
	case errors.As(err, &invalid):
		return "expired"
	case errors.As(err, &record):
		return "stranger"
	case strings.Contains(err.Error(), "protocol version"):
		return "old TLS"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, io.EOF):
		return "closed"
	case errors.As(err, &dial) && dial.Op == "dial" && dial.Timeout():
		return "no connection"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "silence"
	}
	return err.Error()
}

// The same seed draws the same surroundings, but for the ports; another seed
// draws others.
func TestSeed(t *testing.T) {
	s, err := Find("au01")
	if err != nil {
		t.Fatal(err)
	}
	draw := func(seed uint64) string {
		run, err := s.Start(t.Context(), NewRand(seed))
		if err != nil {
			t.Fatal(err)
		}
		defer run.Stop()
		return run.User + " " + run.Password
	}
	first := draw(1)
	if again := draw(1); first != again {
		t.Errorf("one seed drew two worlds: %s and %s", first, again)
	}
	if draw(2) == first {
		t.Error("two seeds drew one world")
	}
}

// Every scenario is of a fault that the catalogue has, and says what it shows.
func TestCatalogue(t *testing.T) {
	seen := make(map[string]bool)
	for i, s := range All() {
		if _, known := fault.Lookup(s.Fault); !known {
			t.Errorf("%s: the catalogue has no %s", s.ID, s.Fault)
		}
		if symptoms[s.Fault] == "" {
			t.Errorf("%s: no symptom", s.ID)
		}
		if seen[s.ID] || s.ID != strings.ToLower(s.ID) || s.Title == "" {
			t.Errorf("%q with title %q is not a name of its own", s.ID, s.Title)
		}
		seen[s.ID] = true
		if twin := i%2 == 1; twin != s.Healthy || twin != strings.HasSuffix(s.ID, "-healthy") {
			t.Errorf("%s: a twin does not stand behind its fault", s.ID)
		}
	}
	if _, err := Find("tl99"); err == nil {
		t.Error("found a scenario that is not there")
	}
	if s, err := Find("RT01"); err != nil || s.ID != "rt01-service-stopped" {
		t.Errorf("RT01 finds %q, %v", s.ID, err)
	}
}

// Outside a network of its own, a scenario that needs one says so.
func TestNeedsNamespace(t *testing.T) {
	if netns.Inside() {
		t.Skip("inside a network")
	}
	s, err := Find("RT02")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Start(t.Context(), NewRand(1)); !errors.Is(err, ErrNeedsNamespace) {
		t.Errorf("started with %v", err)
	}
}

func TestCommandLine(t *testing.T) {
	for want, words := range map[string][]string{
		"postern check bob@demo.test --ca /tmp/ca.pem": {"postern", "check", "bob@demo.test", "--ca", "/tmp/ca.pem"},
		`cat '' 'a b' 'it'\''s' '$HOME' '~'`:           {"cat", "", "a b", "it's", "$HOME", "~"},
	} {
		if got := CommandLine(words...); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
