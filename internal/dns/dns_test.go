package dns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// zone is a test server's data: the records of each name, in zone file form.
// A name without an entry does not exist.
type zone map[string][]string

func (z zone) ServeDNS(w mdns.ResponseWriter, query *mdns.Msg) {
	reply := new(mdns.Msg).SetReply(query)
	reply.Authoritative = true
	question := query.Question[0]
	lines, ok := z[strings.ToLower(question.Name)]
	if !ok {
		reply.Rcode = mdns.RcodeNameError
	}
	for _, line := range lines {
		rr, err := mdns.NewRR(line)
		if err != nil {
			panic(err)
		}
		if t := rr.Header().Rrtype; t == question.Qtype || t == mdns.TypeCNAME || len(lines) > 1 {
			reply.Answer = append(reply.Answer, rr)
		}
	}
	_ = w.WriteMsg(reply)
}

// serve answers on a port of loopback, over UDP and TCP.
func serve(t *testing.T, handler mdns.Handler) netip.AddrPort {
	t.Helper()
	for range 20 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		stream, err := net.Listen("tcp", packets.LocalAddr().String())
		if err != nil { // another program has that port for TCP
			packets.Close()
			continue
		}
		udp := &mdns.Server{PacketConn: packets, Handler: handler}
		tcp := &mdns.Server{Listener: stream, Handler: handler}
		for _, server := range []*mdns.Server{udp, tcp} {
			ready := make(chan struct{})
			server.NotifyStartedFunc = func() { close(ready) }
			go server.ActivateAndServe()
			<-ready
			t.Cleanup(func() { _ = server.Shutdown() })
		}
		return netip.MustParseAddrPort(packets.LocalAddr().String())
	}
	t.Fatal("no port is free for both UDP and TCP")
	return netip.AddrPort{}
}

func lookup(t *testing.T, r Resolver, name string, typ Type) Answer {
	t.Helper()
	answer, err := r.Lookup(t.Context(), name, typ)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

var example = zone{
	"mail.example.test.": {"mail.example.test. 60 A 192.0.2.1"},
	"example.test.": {
		"example.test. 60 MX 20 Backup.example.test.",
		"example.test. 60 MX 10 mail.example.test.",
	},
	"_imaps._tcp.example.test.": {"_imaps._tcp.example.test. 60 SRV 0 1 993 mail.example.test."},
	"_pop3s._tcp.example.test.": {"_pop3s._tcp.example.test. 60 SRV 0 0 0 ."},
	"txt.example.test.":         {`txt.example.test. 60 TXT "v=spf1 " "-all"`},
	"www.example.test.": {
		"www.example.test. 60 CNAME Web.example.test.",
		"web.example.test. 60 CNAME host.example.test.",
		"host.example.test. 60 A 192.0.2.2",
	},
	"loop.example.test.": {
		"loop.example.test. 60 CNAME pool.example.test.",
		"pool.example.test. 60 CNAME loop.example.test.",
	},
}

func TestRecordsOfEachType(t *testing.T) {
	r := Servers{serve(t, example)}

	if got := lookup(t, r, "MAIL.example.test.", TypeA).Addrs(); len(got) != 1 || got[0] != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("A: %v", got)
	}
	mx := lookup(t, r, "example.test", TypeMX).Targets()
	want := []Record{
		{Name: "example.test", Type: TypeMX, TTL: time.Minute, Target: "backup.example.test", Preference: 20},
		{Name: "example.test", Type: TypeMX, TTL: time.Minute, Target: "mail.example.test", Preference: 10},
	}
	if diff := cmp.Diff(want, mx, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	srv := lookup(t, r, "_imaps._tcp.example.test", TypeSRV).Targets()
	if len(srv) != 1 || srv[0].Port != 993 || srv[0].Weight != 1 || srv[0].Target != "mail.example.test" {
		t.Errorf("SRV: %v", srv)
	}
	if none := lookup(t, r, "_pop3s._tcp.example.test", TypeSRV).Targets(); len(none) != 1 || none[0].Target != "." {
		t.Errorf("SRV for a service that is not offered: %v", none)
	}
	if diff := cmp.Diff([]string{"v=spf1 -all"}, lookup(t, r, "txt.example.test", TypeTXT).Texts()); diff != "" {
		t.Error(diff)
	}
}

func TestAliases(t *testing.T) {
	r := Servers{serve(t, example)}
	www := lookup(t, r, "www.example.test", TypeA)
	if diff := cmp.Diff([]string{"web.example.test", "host.example.test"}, www.Aliases()); diff != "" {
		t.Error(diff)
	}
	if len(www.Addrs()) != 1 {
		t.Errorf("the address behind the aliases: %v", www.Addrs())
	}
	loop := lookup(t, r, "loop.example.test", TypeA)
	if diff := cmp.Diff([]string{"pool.example.test", "loop.example.test"}, loop.Aliases()); diff != "" {
		t.Error(diff)
	}
}

func TestMissingIsNotEmpty(t *testing.T) {
	r := Servers{serve(t, example)}
	if missing := lookup(t, r, "nowhere.example.test", TypeA); !missing.Missing() || missing.Empty() {
		t.Errorf("NXDOMAIN: %+v", missing)
	}
	if empty := lookup(t, r, "mail.example.test", TypeAAAA); empty.Missing() || !empty.Empty() {
		t.Errorf("no data: %+v", empty)
	}
}

func TestTruncatedAnswerIsFetchedOverTCP(t *testing.T) {
	r := Servers{serve(t, mdns.HandlerFunc(func(w mdns.ResponseWriter, query *mdns.Msg) {
		if w.RemoteAddr().Network() == "udp" {
			reply := new(mdns.Msg).SetReply(query)
			reply.Truncated = true
			_ = w.WriteMsg(reply)
			return
		}
		example.ServeDNS(w, query)
	}))}
	answer := lookup(t, r, "mail.example.test", TypeA)
	if answer.Network != "tcp" || answer.Truncated || len(answer.Addrs()) != 1 {
		t.Errorf("%+v", answer)
	}
}

func TestLostDatagramIsSentAgain(t *testing.T) {
	var seen atomic.Int32
	r := Servers{serve(t, mdns.HandlerFunc(func(w mdns.ResponseWriter, query *mdns.Msg) {
		if seen.Add(1) > 1 {
			example.ServeDNS(w, query)
		}
	}))}
	if answer := lookup(t, r, "mail.example.test", TypeA); len(answer.Addrs()) != 1 {
		t.Errorf("%+v", answer)
	}
}

func rcode(code int) mdns.Handler {
	return mdns.HandlerFunc(func(w mdns.ResponseWriter, query *mdns.Msg) {
		_ = w.WriteMsg(new(mdns.Msg).SetRcode(query, code))
	})
}

func TestFailingServerMakesWay(t *testing.T) {
	broken, whole := serve(t, rcode(mdns.RcodeServerFailure)), serve(t, example)
	answer := lookup(t, Servers{broken, whole}, "mail.example.test", TypeA)
	if answer.Rcode != NoError || answer.Server != whole.String() {
		t.Errorf("%+v", answer)
	}
	answer = lookup(t, Servers{broken, serve(t, rcode(mdns.RcodeRefused))}, "mail.example.test", TypeA)
	if answer.Rcode != ServFail || answer.Server != broken.String() {
		t.Errorf("when all fail, the first failure is the answer: %+v", answer)
	}
}

func TestNoAnswerAtAll(t *testing.T) {
	silent := serve(t, mdns.HandlerFunc(func(mdns.ResponseWriter, *mdns.Msg) {}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Servers{silent}.Lookup(ctx, "mail.example.test", TypeA)
	var failure *Error
	if !errors.As(err, &failure) || !failure.Timeout || failure.Server != silent.String() {
		t.Errorf("silence: %v", err)
	}
	_, err = Servers{}.Lookup(t.Context(), "mail.example.test", TypeA)
	if !errors.As(err, &failure) || failure.Timeout {
		t.Errorf("no resolver: %v", err)
	}
	_, err = Servers{silent}.Lookup(t.Context(), strings.Repeat("a", 64)+".test", TypeA)
	if !errors.As(err, &failure) || failure.Timeout {
		t.Errorf("no domain name: %v", err)
	}
}

func TestParseServer(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.53":            "192.0.2.53:53",
		"192.0.2.53:5353":       "192.0.2.53:5353",
		"2001:db8::53":          "[2001:db8::53]:53",
		"[2001:db8::53]":        "[2001:db8::53]:53",
		"[2001:db8::53]:10053":  "[2001:db8::53]:10053",
		"":                      "",
		"dns.example":           "",
		"192.0.2.53:0":          "",
		"192.0.2.53:70000":      "",
		"192.0.2.53:53:53":      "",
		"[192.0.2.53:53":        "",
		"192.0.2.300":           "",
		"192.0.2.53:5353 extra": "",
	} {
		got, err := ParseServer(in)
		if want == "" && err == nil || want != "" && got.String() != want {
			t.Errorf("ParseServer(%q) = %v, %v; expected %q", in, got, err, want)
		}
	}
}

func TestStandardResolver(t *testing.T) {
	server := serve(t, example)
	r := &standard{net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.String())
	}}}
	if got := lookup(t, r, "mail.example.test", TypeA).Addrs(); len(got) != 1 || got[0] != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("A: %v", got)
	}
	mx := lookup(t, r, "example.test", TypeMX).Targets()
	if len(mx) != 2 || mx[0].Target != "mail.example.test" || mx[0].Preference != 10 {
		t.Errorf("MX: %v", mx)
	}
	srv := lookup(t, r, "_imaps._tcp.example.test", TypeSRV).Targets()
	if len(srv) != 1 || srv[0].Port != 993 || srv[0].Target != "mail.example.test" {
		t.Errorf("SRV: %v", srv)
	}
	if alias := lookup(t, r, "www.example.test", TypeCNAME).Aliases(); len(alias) != 1 || alias[0] != "host.example.test" {
		t.Errorf("CNAME: %v", alias)
	}
	if diff := cmp.Diff([]string{"v=spf1 -all"}, lookup(t, r, "txt.example.test", TypeTXT).Texts()); diff != "" {
		t.Error(diff)
	}
	if empty := lookup(t, r, "mail.example.test", TypeAAAA); empty.Missing() || !empty.Empty() {
		t.Errorf("no data: %+v", empty)
	}
	if missing := lookup(t, r, "nowhere.example.test", TypeA); !missing.Missing() {
		t.Errorf("NXDOMAIN: %+v", missing)
	}
}
