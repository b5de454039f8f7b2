package control

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/guard"
	"postern/internal/secret"
)

var quiet = slog.New(slog.DiscardHandler)

func testConfig(t *testing.T) *config.Config {
	c := config.Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	return &c
}

// openLocal opens a data directory that no server runs on.
func openLocal(t *testing.T, c *config.Config) Admin {
	t.Helper()
	a, err := Open(t.Context(), c, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// openRemote serves such a directory and returns the other end of the socket.
func openRemote(t *testing.T, c *config.Config) Admin {
	t.Helper()
	server, err := Listen(c.Data, Served{
		Admin:   openLocal(t, c),
		Reload:  func(context.Context) (Reloaded, error) { return Reloaded{NeedsRestart: []string{"listen"}}, nil },
		Status:  func() Status { return Status{Hostname: "mail.example.com"} },
		Healthy: func(context.Context) error { return nil },
		Metrics: prometheus.NewRegistry(),
		Logger:  quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close(context.Background()) })
	client, err := Dial(t.Context(), c.Data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// TestBothAdminsDoTheSame runs one story on both: what a command says must not
// depend on whether the server runs.
func TestBothAdminsDoTheSame(t *testing.T) {
	for name, open := range map[string]func(*testing.T, *config.Config) Admin{"local": openLocal, "remote": openRemote} {
		t.Run(name, func(t *testing.T) {
			a, ctx := open(t, testConfig(t)), t.Context()
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			fails := func(err error, want error, also string) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), want.Error()) || !strings.Contains(err.Error(), also) {
					t.Errorf("got %v, want %v with %q", err, want, also)
				}
			}
			must(a.AddDomain(ctx, "Example.COM"))
			fails(a.AddDomain(ctx, "example.com"), directory.ErrDomainExists, "example.com")
			must(a.AddAccount(ctx, "alice@example.com", secret.New("correct-horse")))
			fails(a.AddAccount(ctx, "alice@example.com", secret.New("correct-horse")), directory.ErrAccountExists, "alice@example.com")
			fails(a.AddAccount(ctx, "bob@example.org", secret.New("correct-horse")), directory.ErrNotLocal, "postern domain add")
			must(a.SetPassword(ctx, "alice@example.com", secret.New("battery-staple")))
			fails(a.SetPassword(ctx, "bob@example.com", secret.New("battery-staple")), directory.ErrNoSuchUser, "bob@example.com")

			domains, err := a.Domains(ctx)
			must(err)
			if len(domains) != 1 || domains[0].Name != "example.com" || domains[0].Accounts != 1 || domains[0].Created.IsZero() {
				t.Errorf("domains %+v", domains)
			}
			accounts, err := a.Accounts(ctx, "")
			must(err)
			if len(accounts) != 1 || accounts[0].Address != "alice@example.com" {
				t.Errorf("accounts %+v", accounts)
			}
			fails(a.RemoveDomain(ctx, "example.com"), directory.ErrDomainInUse, "postern account remove")
			must(a.RemoveAccount(ctx, "alice@example.com"))
			must(a.RemoveDomain(ctx, "example.com"))

			network, err := guard.ParseNetwork("192.0.2.0/24")
			must(err)
			must(a.AddBan(ctx, guard.Ban{Network: network, Reason: "test"}))
			bans, err := a.Bans(ctx)
			must(err)
			if len(bans) != 1 || bans[0].Subject() != "192.0.2.0/24" || bans[0].Scope != guard.Connections || bans[0].Since.IsZero() {
				t.Errorf("bans %+v", bans)
			}
			must(a.RemoveBan(ctx, "192.0.2.0/24"))
			fails(a.RemoveBan(ctx, "192.0.2.0/24"), guard.ErrNoBan, "postern ban list")
			attempts, err := a.Attempts(ctx, activity.Filter{})
			must(err)
			if len(attempts) != 0 {
				t.Errorf("attempts %+v", attempts)
			}
		})
	}
}

// TestErrorsSayItOnce: the name, and what to do, stood twice in some.
func TestErrorsSayItOnce(t *testing.T) {
	a, ctx := openLocal(t, testConfig(t)), t.Context()
	for _, err := range []error{
		a.AddDomain(ctx, "example.com"),
		a.AddAccount(ctx, "alice@example.com", secret.New("correct-horse")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for want, err := range map[string]error{
		"example.com: the domain exists":                                        a.AddDomain(ctx, "Example.com"),
		"example.net: no such domain":                                           a.RemoveDomain(ctx, "example.net"),
		"alice@example.com: the address is taken":                               a.AddAccount(ctx, "alice@example.com", secret.New("correct-horse")),
		"bob@example.com: no such user here":                                    a.RemoveAccount(ctx, "bob@example.com"),
		"bob@example.net: not a local domain; add it with `postern domain add`": a.AddAccount(ctx, "bob@example.net", secret.New("correct-horse")),
		"example.com: the domain has accounts or aliases; remove them first, with `postern account remove`": a.RemoveDomain(ctx, "example.com"),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestReloadStatusAndMetrics(t *testing.T) {
	c := testConfig(t)
	client := openRemote(t, c).(*Client)
	done, err := client.Reload(t.Context())
	if err != nil || !slices.Equal(done.NeedsRestart, []string{"listen"}) {
		t.Errorf("reload: %+v, %v", done, err)
	}
	status, err := client.Status(t.Context())
	if err != nil || status.Hostname != "mail.example.com" {
		t.Errorf("status: %+v, %v", status, err)
	}
	for path, want := range map[string]string{"/healthz": "ok", "/metrics": "", "/debug/pprof/cmdline": "unknown", "/debug/pprof/goroutine?debug=1": "goroutine profile"} {
		resp, err := client.http.Get("http://postern" + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !strings.Contains(strings.ToLower(string(body)), want) {
			t.Errorf("%s: %d %q", path, resp.StatusCode, body)
		}
	}
}

// TestSocketIsTheOwners: nobody else gets in by the file, nor, where they do,
// past the check of who they are.
func TestSocketIsTheOwners(t *testing.T) {
	c := testConfig(t)
	openRemote(t, c)
	info, err := os.Stat(SocketPath(c.Data))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, %v", info.Mode(), err)
	}
	guarded := onlyTheOwner(quiet, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "in") }))
	for uid, want := range map[any]int{uint32(os.Geteuid()): 200, uint32(0): 200, uint32(54321): 403, nil: 403} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		guarded.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), peerKey{}, uid)))
		if w.Code != want {
			t.Errorf("user %v gets %d, want %d", uid, w.Code, want)
		}
	}
}

// TestLongPaths: a socket's address has 108 bytes, a data directory's path may
// have more.
func TestLongPaths(t *testing.T) {
	c := testConfig(t)
	c.Data = filepath.Join(c.Data, strings.Repeat("long-name/", 15))
	if _, err := openRemote(t, c).Domains(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDeadSocketIsReplaced: a server that was killed leaves its socket behind.
func TestDeadSocketIsReplaced(t *testing.T) {
	c := testConfig(t)
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	dead, err := listenUnix(SocketPath(c.Data))
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	if _, err := Dial(t.Context(), c.Data); !errors.Is(err, ErrNotRunning) {
		t.Errorf("got %v", err)
	}
	if _, err := openRemote(t, c).Domains(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnswerThatWasCut(t *testing.T) {
	_, err := readAnswer[Domain](strings.NewReader(`{"item":{"name":"example.com"}}` + "\n"))
	if err == nil || !strings.Contains(err.Error(), "cut") {
		t.Errorf("got %v", err)
	}
	_, err = readAnswer[Domain](strings.NewReader(`{"error":"no such domain"}` + "\n"))
	if err == nil || err.Error() != "no such domain" {
		t.Errorf("got %v", err)
	}
}
