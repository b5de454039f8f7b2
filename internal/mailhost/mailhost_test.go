package mailhost

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/internal/lab/artifacts"
	"postern/internal/lab/dialogue"
	"postern/internal/lab/leakcheck"
	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/certs"
	"postern/internal/mailhost/config"
	"postern/internal/mailhost/control"
	"postern/internal/mailhost/guard"
	"postern/internal/mailhost/store"
	"postern/internal/pki"
	"postern/internal/secret"
	"postern/internal/wire/ports"
)

func TestMain(m *testing.M) {
	activationChild()
	leakcheck.Main(m)
}

// running is a host on ports of the loopback that the system chose.
type running struct {
	*Host
	t        *testing.T
	file     string
	admin    *control.Client
	stop     func()
	logger   *slog.Logger // keeps its lines, to be searched for the password
	password string       // alice's
}

const alice = "alice@example.com"

// start runs a host with every standard port, one domain and one account.
func start(t *testing.T, more string) *running {
	t.Helper()
	r := &running{
		t: t, file: filepath.Join(t.TempDir(), "postern.toml"),
		logger: slog.New(slog.NewTextHandler(artifacts.Writer(t, "log"), nil)), password: artifacts.Password(t),
	}
	r.write(more)
	c, err := config.Load(r.file)
	if err != nil {
		t.Fatal(err)
	}
	r.Host, err = Start(t.Context(), Options{Config: c, Logger: r.logger, Level: new(slog.LevelVar)})
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := r.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
	}
	t.Cleanup(r.stop)
	if r.admin, err = control.Dial(t.Context(), c.Data); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.admin.Close() })
	r.must(r.admin.AddDomain(t.Context(), "example.com"))
	r.must(r.admin.AddAccount(t.Context(), alice, secret.New(r.password)))
	return r
}

// write writes the configuration file; more goes before the ports.
func (r *running) write(more string) {
	text := "hostname = \"mail.example.com\"\ndata = \"data\"\n" + more
	for _, p := range ports.All() {
		text += fmt.Sprintf("[[listen]]\naddresses = [\"127.0.0.1\"]\nport = 0\nprotocol = %q\nsecurity = %q\nrole = %q\n",
			p.Protocol, p.Security, p.Role)
	}
	r.must(os.WriteFile(r.file, []byte(text), 0o600))
}

func (r *running) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// address is where the host listens for a standard port.
func (r *running) address(standard string) string {
	r.t.Helper()
	for i, p := range ports.All() {
		if fmt.Sprint(p.Number) == standard {
			return r.Status().Listening[i].Address
		}
	}
	r.t.Fatalf("no standard port %s", standard)
	return ""
}

// stage is where dialogues with the host are played.
func (r *running) stage() dialogue.Stage {
	roots, err := pki.ReadPool(certs.AuthorityFile(r.current().Data))
	r.must(err)
	wrong := artifacts.Password(r.t)
	vars := map[string]string{
		"password":    r.password,
		"wrong":       wrong,
		"wrong-plain": base64.StdEncoding.EncodeToString([]byte("\x00" + alice + "\x00" + wrong)),
	}
	for _, p := range ports.All() {
		_, port, _ := net.SplitHostPort(r.address(fmt.Sprint(p.Number)))
		vars[fmt.Sprintf("p%d", p.Number)] = port
	}
	return dialogue.Stage{
		Dial: func(port string) (net.Conn, error) { return net.Dial("tcp", r.address(port)) },
		TLS:  &tls.Config{RootCAs: roots, ServerName: "mail.example.com"},
		Vars: vars,
		Steps: map[string]func(string) error{
			"attempt":  func(args string) error { return r.wantAttempt(strings.Fields(args)) },
			"recorded": func(args string) error { return r.wantAttempt(append([]string{""}, strings.Fields(args)...)) },
		},
	}
}

// wantAttempt wants an attempt: session ("" is any), outcome, fault ("-" is
// none).
func (r *running) wantAttempt(want []string) error {
	all, err := r.admin.Attempts(r.t.Context(), activity.Filter{})
	if err != nil {
		return err
	}
	fmt.Fprintf(artifacts.Writer(r.t, "attempts"), "%+v\n", all)
	found := slices.ContainsFunc(all, func(a activity.Attempt) bool {
		return (want[0] == "" || a.Session == want[0]) && string(a.Outcome) == want[1] && (string(a.Fault) == want[2] || want[2] == "-" && a.Fault == "")
	})
	if !found {
		return fmt.Errorf("no attempt %v among %+v", want, all)
	}
	return nil
}

func TestDialogues(t *testing.T) {
	for _, file := range dialogue.Files(t, "testdata/*.txt") {
		t.Run(dialogue.Name(file), func(t *testing.T) {
			start(t, "").stage().Play(t, file)
		})
	}
}

// TestStopSaysGoodbye: each protocol ends its open sessions in its own words.
func TestStopSaysGoodbye(t *testing.T) {
	r := start(t, "")
	var heard []string
	stage := r.stage()
	open := map[string]net.Conn{}
	for _, port := range []string{"25", "110", "143"} {
		c, err := stage.Dial(port)
		r.must(err)
		defer c.Close()
		c.SetDeadline(time.Now().Add(20 * time.Second))
		readLine(t, c) // the greeting
		open[port] = c
	}
	done := make(chan struct{})
	go func() { defer close(done); r.stop() }()
	for _, port := range []string{"25", "110", "143"} {
		heard = append(heard, strings.Split(readLine(t, open[port]), " (session")[0])
		open[port].Close()
	}
	<-done
	want := []string{
		"421 4.3.2 the server is stopping; try again in a moment",
		"-ERR [SYS/TEMP] the server is stopping; try again in a moment",
		"* BYE [UNAVAILABLE] the server is stopping; try again in a moment",
	}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q", heard)
	}
	if _, err := control.Dial(t.Context(), r.current().Data); err == nil {
		t.Error("the control socket is still there")
	}
}

// readLine reads one line, byte by byte, so that nothing is lost.
func readLine(t *testing.T, c net.Conn) string {
	t.Helper()
	var line []byte
	for one := make([]byte, 1); ; {
		if _, err := c.Read(one); err != nil {
			t.Fatalf("after %q: %v", line, err)
		}
		if one[0] == '\n' {
			return strings.TrimSuffix(string(line), "\r")
		}
		line = append(line, one[0])
	}
}

func TestReload(t *testing.T) {
	r := start(t, "")
	reload := func() ([]string, error) {
		done, err := r.admin.Reload(t.Context())
		return done.NeedsRestart, err
	}

	r.write("[limits]\nmessage_size = \"1 MB\"\nrecipients = 5\n")
	before := r.current()
	if _, err := reload(); err == nil || !strings.Contains(err.Error(), "postern.toml:5: limits.recipients") {
		t.Errorf("a mistake is not named: %v", err)
	}
	r.write("[[certificate]]\nfile = \"missing.pem\"\nkey = \"missing.key\"\n[limits]\nmessage_size = \"1 MB\"\n")
	if _, err := reload(); err == nil || !strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("a missing certificate is not named: %v", err)
	}
	if r.current() != before {
		t.Error("a failed reload changed something")
	}

	r.write("postmaster = \"" + alice + "\"\n[limits]\nmessage_size = \"1 MB\"\n")
	restart, err := reload()
	if err != nil || !slices.Equal(restart, []string{"postmaster"}) {
		t.Errorf("needs restart: %v, %v", restart, err)
	}
	if got := r.current(); got.Limits.MessageSize != 1<<20 || got.Postmaster != "" {
		t.Errorf("runs with %+v", got)
	}
}

// TestBansOutliveTheServer: a ban holds at once, is there after a restart, and
// commands see it while the server does not run.
func TestBansOutliveTheServer(t *testing.T) {
	r := start(t, "")
	network, err := guard.ParseNetwork("127.0.0.1")
	r.must(err)
	r.must(r.admin.AddBan(t.Context(), guard.Ban{Network: network, Reason: "test"}))
	c, err := net.Dial("tcp", r.address("143"))
	r.must(err)
	defer c.Close()
	if line := readLine(t, c); !strings.HasPrefix(line, "* BYE [UNAVAILABLE] connections from 127.0.0.1 are not accepted here") {
		t.Errorf("a banned client hears %q", line)
	}
	c.Close()
	r.stop()

	r.must(r.offline(func(a control.Admin) error {
		bans, err := a.Bans(t.Context())
		if err != nil || len(bans) != 1 || bans[0].Subject() != "127.0.0.1" || bans[0].Reason != "test" {
			t.Errorf("kept %v, %v", bans, err)
		}
		return a.RemoveBan(t.Context(), "127.0.0.1")
	}))
	r.must(r.offline(func(a control.Admin) error {
		bans, err := a.Bans(t.Context())
		if len(bans) != 0 {
			t.Errorf("still kept: %v", bans)
		}
		return err
	}))
}

// offline does something to the data directory of a host that is not running.
func (r *running) offline(do func(control.Admin) error) error {
	admin, err := control.Open(r.t.Context(), r.current(), r.logger)
	if err != nil {
		return err
	}
	return errors.Join(do(admin), admin.Close())
}

// TestOneServerPerDirectory: a second one says what is wrong and harms nothing.
func TestOneServerPerDirectory(t *testing.T) {
	r := start(t, "")
	_, err := Start(t.Context(), Options{Config: r.current(), Logger: r.logger})
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "a server is running on it already") {
		t.Errorf("got %v", err)
	}
	if _, err := r.admin.Domains(t.Context()); err != nil {
		t.Errorf("the first server suffered: %v", err)
	}
}
