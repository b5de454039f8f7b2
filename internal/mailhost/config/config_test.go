package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/internal/wire/ports"
)

var addrs = cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})

func TestExampleMeansTheDefaults(t *testing.T) {
	c, err := Read("postern.toml", []byte(Example))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.File, want.Hostname = "postern.toml", "mail.example.com"
	if diff := cmp.Diff(&want, c, addrs); diff != "" {
		t.Error(diff)
	}
}

// TestExampleTellsTheTruth takes the # away from every line that shows a key:
// all of them are known, every key that there is is shown, and the values are
// the defaults, where there are defaults.
func TestExampleTellsTheTruth(t *testing.T) {
	text := regexp.MustCompile(`(?m)^#(\[|[a-z_]+ = )`).ReplaceAllString(Example, "$1")
	text = regexp.MustCompile(`(?m)^port_offset.*\n`).ReplaceAllString(text, "")
	c, err := Read("/etc/postern.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.File, want.Hostname = "/etc/postern.toml", "mail.example.com"
	want.Postmaster = "admin@example.com"
	want.Guard.Trusted = []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8:1::/48")}
	want.Listen = []Listen{
		{netip.Addr{}, 993, ports.IMAP, ports.TLS, ports.Access},
		{netip.MustParseAddr("192.0.2.25"), 10465, ports.SMTP, ports.TLS, ports.Submission},
		{netip.MustParseAddr("2001:db8::25"), 10465, ports.SMTP, ports.TLS, ports.Submission},
	}
	want.Certificates = []CertificateFiles{{"/etc/postern/mail.example.com.pem", "/etc/postern/mail.example.com.key"}}
	if diff := cmp.Diff(&want, c, addrs); diff != "" {
		t.Error(diff)
	}
	for _, key := range allKeys(reflect.TypeFor[document]()) {
		if !regexp.MustCompile(`(?m)^#?\[*` + key + `\b`).MatchString(Example) {
			t.Errorf("the example does not show %s", key)
		}
	}
}

func allKeys(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		keys = append(keys, f.Tag.Get("toml"))
		if table := tableType(f.Type); table.Kind() == reflect.Struct {
			keys = append(keys, allKeys(table)...)
		}
	}
	return keys
}

func TestEveryKeySaysWhatItExpects(t *testing.T) {
	for _, key := range allKeys(reflect.TypeFor[document]()) {
		if strings.TrimSpace(key) == "" {
			t.Error("a field has no name")
		}
	}
	for f := range reflect.TypeFor[document]().Fields() {
		for _, sub := range append([]string{""}, allKeysOf(f)...) {
			path := []string{f.Tag.Get("toml")}
			if sub != "" {
				path = append(path, sub)
			}
			if wanted(path) == "" {
				t.Errorf("%v does not say what it expects", path)
			}
		}
	}
}

func allKeysOf(f reflect.StructField) []string {
	if table := tableType(f.Type); table.Kind() == reflect.Struct {
		return allKeys(table)
	}
	return nil
}

// TestMistakes reads each file of testdata/mistakes and compares the error with
// what stands in its comments: lines "#! " are the expected messages.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(text)) {
				if message, ok := strings.CutPrefix(line, "#! "); ok {
					want = append(want, strings.TrimSpace(message))
				}
			}
			_, err = Read("postern.toml", text)
			if err == nil {
				t.Fatal("was accepted")
			}
			if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadNamesTheWayOut(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "postern.toml"))
	if err == nil || !strings.Contains(err.Error(), "postern config example") {
		t.Errorf("got %v", err)
	}
}

func TestRelativePathsBeginAtTheFile(t *testing.T) {
	c, err := Read("/etc/postern/postern.toml", []byte("hostname='mail.example.com'\ndata='../mail'\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "/etc/mail" {
		t.Errorf("data is %q", c.Data)
	}
}

func TestValues(t *testing.T) {
	for s, want := range map[string]int64{"64KB": 65536, "50 MB": 50 << 20, "1GB": 1 << 30, "123": 123, "0": 0} {
		if got, ok := parseSize(s); !ok || got != want {
			t.Errorf("parseSize(%q) = %d, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "MB", "-1", "1.5 MB", "9999999999 GB", "1 TB"} {
		if got, ok := parseSize(s); ok {
			t.Errorf("parseSize(%q) = %d", s, got)
		}
	}
	for s, want := range map[string]time.Duration{"30d": 720 * time.Hour, "90s": 90 * time.Second, "1h30m": 90 * time.Minute} {
		if got, err := parseDuration(s); err != nil || got != want {
			t.Errorf("parseDuration(%q) = %v, %v", s, got, err)
		}
	}
}

func TestNeedsRestart(t *testing.T) {
	a, b := Default(), Default()
	b.Data, b.Listen, b.Limits.Recipients = "/elsewhere", nil, 777
	if got := a.NeedsRestart(&b); !cmp.Equal(got, []string{"data", "listen"}) {
		t.Errorf("got %v", got)
	}
	now := a.Running(&b)
	if now.Data != a.Data || now.Limits.Recipients != 777 || len(a.NeedsRestart(now)) != 0 {
		t.Errorf("runs with %+v", now)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(Example)
	f.Add("[[listen]]\nport=1\n[listen.x]\n")
	f.Add("listen=[{port=25},{port='x'}]\nhostname=1")
	f.Add("a.b.c=1\n[a]\n[[a.b]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read("postern.toml", []byte(text))
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v and %v", c, err)
		}
		if err != nil && !strings.Contains(err.Error(), "postern.toml:") {
			t.Fatalf("error names no line: %v", err)
		}
	})
}
