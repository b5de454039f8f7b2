//go:build unix

package dns

import (
	"testing"

	mdns "github.com/miekg/dns"
)

func TestHostsFileComesFirst(t *testing.T) {
	system := hostsFirst{Servers{serve(t, rcode(mdns.RcodeNameError))}}
	answer := lookup(t, system, "localhost", TypeA)
	if answer.Server != "hosts file" || len(answer.Addrs()) != 1 || !answer.Addrs()[0].IsLoopback() {
		t.Errorf("%+v", answer)
	}
	if answer := lookup(t, system, "localhost.example.test", TypeA); !answer.Missing() {
		t.Errorf("a name that is not in the hosts file: %+v", answer)
	}
	if answer := lookup(t, system, "localhost", TypeMX); !answer.Missing() {
		t.Errorf("the hosts file has addresses only: %+v", answer)
	}
}
