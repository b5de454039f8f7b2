package evidence

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/internal/wire/ports"
)

func sample() *Run {
	return &Run{
		Version: Version, Program: "1.0", Started: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Duration: 12.345,
		Target:   Target{Input: "Bob@Example.com", Kind: TargetAddress, Address: "Bob@example.com", Domain: "example.com", User: "Bob@example.com"},
		Settings: []Setting{{Use: Incoming, Protocol: "imap", Host: "mail.example.com", Port: 993, Security: "tls"}},
		Options:  Options{Only: []ports.Protocol{ports.IMAP}, Credentials: true, Limits: Limits{DNS: 2000}},
		DNS: []Lookup{
			{Name: "mail.example.com", Type: "A", Resolver: "192.0.2.53:53", Role: ResolverSystem, Rcode: "NOERROR",
				Records: []Record{{Name: "mail.example.com", Type: "A", TTL: 60, Address: "192.0.2.10"}}, Took: 3},
			{Name: "example.com", Type: "MX", Resolver: "192.0.2.53:53", Role: ResolverSecond, Failure: &Failure{Kind: Timeout}, Took: 2000},
		},
		Hosts: []Host{{Name: "mail.example.com", Sources: []Source{{Kind: FromSRV, Record: "_imaps._tcp.example.com", Port: 993}}}},
		Endpoints: []Endpoint{{
			Host: "mail.example.com", Address: "192.0.2.10", Port: 993, Protocol: "imap", Security: "tls", Role: "access",
			Connect:  Connect{Took: 0.125},
			Greeting: &Greeting{Service: "imap", Reply: &Reply{Status: StatusOK, Code: "OK", Text: `<ready> & \x00`}, Text: "* OK <ready>", Took: 1},
			TLS: &TLS{Version: "TLS 1.3", Trust: Trusted, Took: 2, Chain: []Certificate{{
				Subject: "CN=mail.example.com", NotAfter: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), DNSNames: []string{"mail.example.com"},
			}}},
			Logins:     []Login{{Mechanism: "PLAIN", User: "Bob@example.com", Form: UserAddress, Failure: &Failure{Kind: Reset, Errno: "ECONNRESET"}}},
			Mailbox:    &Mailbox{Command: "SELECT INBOX", Messages: 2},
			End:        &End{After: StepLogin, Failure: Failure{Kind: Closed}},
			Transcript: []Line{{At: 1, From: "S", Text: "* OK <ready>"}},
		}},
		Controls: []Control{{Kind: ControlNobody, Address: "192.0.2.1", Port: 993}},
	}
}

func TestSavedRunsLoadAsTheyWere(t *testing.T) {
	var buf bytes.Buffer
	if err := Save(&buf, sample()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(buf.String(), "\\u003c") {
		t.Error("the JSON escapes < as if it were for HTML; people read it")
	}
	got, err := Load(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Error(diff)
	}
}

// Every version ever written loads for ever: testdata holds one run of each.
func TestEveryVersionLoads(t *testing.T) {
	names, err := filepath.Glob("testdata/version-*.json")
	if err != nil || len(names) != Version {
		t.Fatalf("%d stored samples of %d versions, %v", len(names), Version, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		run, err := Load(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(sample(), run); diff != "" {
			t.Errorf("%s says something else now:\n%s", name, diff)
		}
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	tests := []struct{ file, want string }{
		{"", "no saved run"},
		{"not JSON", "no saved run"},
		{"[]", "no saved run"},
		{"{}", `no "evidence" version`},
		{`{"schema":1,"verdict":"healthy"}`, `no "evidence" version`},
		{`{"evidence":2}`, "use a newer Postern"},
		{`{"evidence":-1}`, "use a newer Postern"},
		{`{"evidence":1}`, "when the run was started"},
		{strings.Repeat("[", 100_000), "no saved run"},
	}
	for _, tt := range tests {
		if _, err := Load(strings.NewReader(tt.file)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Load(%.40q) = %v, want %q", tt.file, err, tt.want)
		}
	}
	if _, err := Load(endless{}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("Load of an endless file: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestFieldsOfLaterProgramsAreIgnored(t *testing.T) {
	run, err := Load(strings.NewReader(`{"evidence":1,"started":"2026-11-21T12:00:00Z","weather":"fine"}`))
	if err != nil || run.Version != 1 {
		t.Errorf("%v, %v", run, err)
	}
}

func TestMillis(t *testing.T) {
	for d, want := range map[time.Duration]Millis{
		0: 0, 1500 * time.Microsecond: 1.5, 2 * time.Second: 2000, 999: 0,
	} {
		if got := MillisOf(d); got != want {
			t.Errorf("MillisOf(%v) = %v, want %v", d, got, want)
		}
	}
	for m, want := range map[Millis]time.Duration{
		1.5: 1500 * time.Microsecond, 0: 0, -1: -time.Millisecond,
	} {
		if got := m.Duration(); got != want {
			t.Errorf("%v.Duration() = %v, want %v", m, got, want)
		}
	}
	for _, m := range []Millis{Millis(math.Inf(1)), 1e300} {
		if got := m.Duration(); got < 24*365*time.Hour {
			t.Errorf("%v.Duration() = %v, want the longest there is", float64(m), got)
		}
	}
	if got := Millis(math.NaN()).Duration(); got != 0 {
		t.Errorf("NaN is %v", got)
	}
}

func FuzzLoad(f *testing.F) {
	var buf bytes.Buffer
	if err := Save(&buf, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := Load(bytes.NewReader(data))
		if err != nil {
			return
		}
		var saved bytes.Buffer
		if err := Save(&saved, run); err != nil {
			t.Fatalf("what loads does not save: %v", err)
		}
		if _, err := Load(&saved); err != nil {
			t.Fatalf("what was saved does not load: %v", err)
		}
	})
}
