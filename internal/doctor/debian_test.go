//go:build linux

package doctor_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/internal/doctor/diagnose"
	"postern/internal/fault"
	"postern/internal/lab"
	"postern/internal/lab/artifacts"
	"postern/internal/lab/dnsserver"
	"postern/internal/pki"
)

// TestDebianDovecotAndPostfix runs the probes against the servers that most
// mail hosts run, healthy, on the standard ports of an address of loopback. The
// domain has an MX record and no SRV: the servers are found by their usual name.
func TestDebianDovecotAndPostfix(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root: Dovecot and Postfix change to users of their own")
	}
	d := &debian{
		t: t, dir: t.TempDir(),
		address: lab.NewRand(rand.Uint64()).Loopback(),
		domain:  "debian.test", host: "mail.debian.test",
		password: artifacts.Password(t),
	}
	d.install()
	d.start("dovecot-core", "starting up for imap, pop3", "dovecot", "-F", "-c", d.path("etc/dovecot.conf"))
	d.start("postfix", "daemon started", "postfix", "-c", d.path("etc"), "start-fg")

	run, result := examine(t, d.running())
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

// debian is a machine with Debian's mail servers.
type debian struct {
	t        *testing.T
	dir      string
	address  netip.Addr
	domain   string
	host     string
	password string
	ca       *pki.CA
}

func (d *debian) path(name string) string { return filepath.Join(d.dir, name) }

func (d *debian) user() string { return "alice@" + d.domain }

func (d *debian) check(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// install writes what the servers read. Their users must be able to pass
// through the directories above.
func (d *debian) install() {
	for dir := d.dir; dir != "/"; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o011 != 0o011 {
			d.check(os.Chmod(dir, info.Mode().Perm()|0o011))
		}
	}
	now := time.Now()
	var err error
	d.ca, err = pki.NewCA("Debian test", now.Add(-time.Hour), now.Add(48*time.Hour))
	d.check(err)
	cert, err := d.ca.Issue(pki.Leaf{Names: []string{d.host}})
	d.check(err)
	d.check(pki.Save(d.path("cert.pem"), d.path("key.pem"), cert))
	d.check(os.WriteFile(d.path("roots.pem"), d.ca.PEM(), 0o644))
	d.check(os.WriteFile(d.path("users"), []byte(d.user()+":{PLAIN}"+d.password+"\n"), 0o644))
	for _, dir := range []string{"etc", "run", "state", "mail", "queue", "data"} {
		d.check(os.Mkdir(d.path(dir), 0o755))
	}
	d.own("mail", "nobody")
	d.own("data", "postfix")
	fill := strings.NewReplacer("{dir}", d.dir, "{address}", d.address.String(), "{host}", d.host, "{domain}", d.domain)
	for _, name := range []string{"dovecot.conf", "main.cf", "master.cf"} {
		text, err := os.ReadFile(filepath.Join("testdata", "debian", name))
		d.check(err)
		d.check(os.WriteFile(d.path("etc/"+name), []byte(fill.Replace(string(text))), 0o644))
	}
}

func (d *debian) own(dir, name string) {
	d.t.Helper()
	owner, err := user.Lookup(name)
	if err != nil {
		d.t.Skipf("needs the user %s of Debian's mail servers", name)
	}
	uid, err := strconv.Atoi(owner.Uid)
	d.check(err)
	d.check(os.Chown(d.path(dir), uid, -1))
}

// start runs a server in the foreground until the test ends, and waits for the
// line of its log that says that it is there.
func (d *debian) start(debianPackage, ready, program string, args ...string) {
	d.t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		d.t.Skipf("needs %s (Debian package %s)", program, debianPackage)
	}
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // all that it starts ends with it
	out, in, err := os.Pipe()
	d.check(err)
	cmd.Stdout, cmd.Stderr = in, in
	err = cmd.Start()
	in.Close()
	d.check(err)
	started := make(chan struct{})
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer out.Close()
		log := io.MultiWriter(artifacts.Writer(d.t, program+".log"), d.t.Output())
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Fprintln(log, lines.Text())
			if strings.Contains(lines.Text(), ready) {
				close(started)
			}
		}
	}()
	d.t.Cleanup(func() {
		if program == "postfix" {
			_ = exec.Command(program, "-c", d.path("etc"), "stop").Run()
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		<-over // every process of it has closed the log
		_ = cmd.Wait()
	})
	select {
	case <-started:
	case <-over:
		d.t.Fatalf("%s ended at once", program)
	}
}

// running is the machine as a scenario of the lab.
func (d *debian) running() *lab.Running {
	server, err := dnsserver.Start(netip.MustParseAddrPort("127.0.0.1:0"), dnsserver.Zone{Records: fmt.Sprintf(
		"$TTL 300\n%[1]s. IN MX 10 %[2]s.\n%[2]s. IN A %[3]s\n", d.domain, d.host, d.address)})
	d.check(err)
	d.t.Cleanup(func() { server.Close() })
	return &lab.Running{
		Target: d.user(), User: d.user(), Password: d.password,
		CAFile: d.path("roots.pem"), Resolver: server.Addr(),
	}
}
