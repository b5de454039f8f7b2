package dnsserver

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

const records = `
example.test.            300 IN MX    10 mail.example.test.
example.test.            300 IN TXT   "v=spf1 mx -all"
mail.example.test.       300 IN A     127.0.0.2
mail.example.test.       300 IN AAAA  ::1
www.example.test.        300 IN CNAME web.example.test.
web.example.test.        300 IN A     127.0.0.3
old.example.test.        300 IN CNAME gone.example.test.
loop.example.test.       300 IN CNAME loop.example.test.
_imaps._tcp.example.test. 300 IN SRV  0 1 40993 mail.example.test.
`

func start(t *testing.T, zone Zone) *Server {
	t.Helper()
	s, err := Start(netip.MustParseAddrPort("127.0.0.1:0"), zone)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestAnswers(t *testing.T) {
	s := start(t, Zone{
		Origin:  "test",
		Records: records,
		Behaviours: map[string]Behaviour{
			"broken.example.test":    {Rcode: dns.RcodeServerFailure},
			"mail.example.test TXT":  {Rcode: dns.RcodeServerFailure},
			"late.example.test. ANY": {Delay: time.Millisecond},
		},
	})
	tests := []struct {
		question string
		kind     uint16
		rcode    int
		answer   string // data of the records, joined by a bar
	}{
		{"example.test.", dns.TypeMX, dns.RcodeSuccess, "10 mail.example.test."},
		{"EXAMPLE.test.", dns.TypeMX, dns.RcodeSuccess, "10 mail.example.test."},
		{"example.test.", dns.TypeTXT, dns.RcodeSuccess, `"v=spf1 mx -all"`},
		{"example.test.", dns.TypeA, dns.RcodeSuccess, ""},
		{"mail.example.test.", dns.TypeA, dns.RcodeSuccess, "127.0.0.2"},
		{"mail.example.test.", dns.TypeAAAA, dns.RcodeSuccess, "::1"},
		{"mail.example.test.", dns.TypeTXT, dns.RcodeServerFailure, ""},
		{"_imaps._tcp.example.test.", dns.TypeSRV, dns.RcodeSuccess, "0 1 40993 mail.example.test."},
		{"_tcp.example.test.", dns.TypeSRV, dns.RcodeSuccess, ""},
		{"www.example.test.", dns.TypeA, dns.RcodeSuccess, "web.example.test.|127.0.0.3"},
		{"www.example.test.", dns.TypeCNAME, dns.RcodeSuccess, "web.example.test."},
		{"old.example.test.", dns.TypeA, dns.RcodeNameError, "gone.example.test."},
		{"loop.example.test.", dns.TypeA, dns.RcodeSuccess, strings.Repeat("|loop.example.test.", maxAliases)[1:]},
		{"smpt.example.test.", dns.TypeA, dns.RcodeNameError, ""},
		{"broken.example.test.", dns.TypeA, dns.RcodeServerFailure, ""},
		{"example.org.", dns.TypeA, dns.RcodeRefused, ""},
	}
	for _, network := range []string{"udp", "tcp"} {
		for _, tt := range tests {
			t.Run(network+" "+tt.question+" "+dns.TypeToString[tt.kind], func(t *testing.T) {
				reply := ask(t, s, network, tt.question, tt.kind)
				var got []string
				for _, rr := range reply.Answer {
					got = append(got, strings.TrimPrefix(rr.String(), rr.Header().String()))
				}
				if reply.Rcode != tt.rcode || strings.Join(got, "|") != tt.answer {
					t.Errorf("%s %q, want %s %q", dns.RcodeToString[reply.Rcode], got, dns.RcodeToString[tt.rcode], tt.answer)
				}
				negative := tt.answer == "" && (tt.rcode == dns.RcodeSuccess || tt.rcode == dns.RcodeNameError)
				if hasSOA := len(reply.Ns) == 1; negative && !hasSOA {
					t.Error("a negative answer without SOA")
				}
			})
		}
	}
	if n := s.Questions("smpt.example.test"); n != 2 {
		t.Errorf("counted %d questions, want 2", n)
	}
}

func ask(t *testing.T, s *Server, network, name string, kind uint16) *dns.Msg {
	t.Helper()
	client := &dns.Client{Net: network, Timeout: 5 * time.Second}
	reply, _, err := client.Exchange(new(dns.Msg).SetQuestion(name, kind), s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// An answer that does not fit a datagram comes whole over TCP.
func TestTruncation(t *testing.T) {
	long := `example.test. 300 IN TXT "` + strings.Repeat("x", 250) + `"` + "\n"
	var zone Zone
	for _, suffix := range []string{"a", "b", "c", "d"} {
		zone.Records += strings.Replace(long, `"x`, `"`+suffix, 1)
	}
	s := start(t, zone)
	if reply := ask(t, s, "udp", "example.test.", dns.TypeTXT); !reply.Truncated {
		t.Errorf("%d records in a datagram, none cut", len(reply.Answer))
	}
	if reply := ask(t, s, "tcp", "example.test.", dns.TypeTXT); reply.Truncated || len(reply.Answer) != 4 {
		t.Errorf("%d records over TCP, truncated %v", len(reply.Answer), reply.Truncated)
	}
}

func TestSilence(t *testing.T) {
	s := start(t, Zone{Records: records, Behaviours: map[string]Behaviour{"mail.example.test": {Silent: true}}})
	client := &dns.Client{Timeout: 50 * time.Millisecond}
	_, _, err := client.Exchange(new(dns.Msg).SetQuestion("mail.example.test.", dns.TypeA), s.Addr().String())
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("silence gave %v", err)
	}
	if n := s.Questions("mail.example.test"); n != 1 {
		t.Errorf("counted %d questions, want 1", n)
	}
}

// A delay passes in full, and ends at once when the server does.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := parse(Zone{Records: records, Behaviours: map[string]Behaviour{
			"mail.example.test": {Delay: 3 * time.Second},
		}})
		if err != nil {
			t.Fatal(err)
		}
		s := &Server{data: d, questions: make(map[string]int)}
		ctx, cancel := context.WithCancel(t.Context())
		s.ctx, s.cancel = ctx, cancel
		w := &recorder{}
		begin := time.Now()
		s.ServeDNS(w, new(dns.Msg).SetQuestion("mail.example.test.", dns.TypeA))
		if took := time.Since(begin); took != 3*time.Second || len(w.replies) != 1 {
			t.Errorf("%d replies after %v", len(w.replies), took)
		}
		time.AfterFunc(time.Second, s.cancel)
		s.ServeDNS(w, new(dns.Msg).SetQuestion("mail.example.test.", dns.TypeA))
		if took := time.Since(begin); took != 4*time.Second || len(w.replies) != 1 {
			t.Errorf("%d replies after %v, want the second question to get none", len(w.replies), took)
		}
	})
}

// recorder is a client that keeps the replies.
type recorder struct {
	dns.ResponseWriter
	replies []*dns.Msg
}

func (r *recorder) RemoteAddr() net.Addr { return &net.UDPAddr{} }

func (r *recorder) WriteMsg(m *dns.Msg) error {
	r.replies = append(r.replies, m)
	return nil
}

func TestBadZone(t *testing.T) {
	for _, zone := range []Zone{
		{Records: "example.test. 300 IN A 300.0.0.1"},
		{Behaviours: map[string]Behaviour{"example.test. AAAAA": {}}},
	} {
		if _, err := Start(netip.MustParseAddrPort("127.0.0.1:0"), zone); err == nil {
			t.Errorf("started with %+v", zone)
		}
	}
}

// A taken port is named, and nothing stays open.
func TestPortTaken(t *testing.T) {
	s := start(t, Zone{})
	_, err := Start(s.Addr(), Zone{})
	if err == nil || !strings.Contains(err.Error(), s.Addr().String()) {
		t.Errorf("second server on %v: %v", s.Addr(), err)
	}
}
