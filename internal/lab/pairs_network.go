package lab

import (
	"fmt"
	"time"

	"postern/internal/lab/netns"
	"postern/internal/lab/script"
)

var networkPairs = []pair{
	{
		id: "ln07-ipv6-blackhole", fault: "LN07", namespace: true,
		title: "The server has an IPv6 address, and the way to it leads nowhere",
		breaks: func(w *world) {
			w.router("ip", "-6", "route", "add", "blackhole", netns.ServerV6.String()+"/128")
		},
	},
	{
		id: "rt01-service-stopped", fault: "RT01",
		title: "One of reading by IMAP, reading by POP3 and sending is not running",
		breaks: func(w *world) {
			for _, s := range w.anyProtocol() {
				s.down = true
			}
		},
	},
	{
		id: "rt02-ports-filtered", fault: "RT02", namespace: true,
		title: "A firewall drops what goes to the ports of one protocol",
		breaks: func(w *world) {
			for _, s := range w.anyProtocol() {
				w.router("nft", "insert", "rule", "inet", "lab", "forward", "tcp", "dport", fmt.Sprint(s.Number), "drop")
			}
		},
	},
	{
		id: "rt11-reset-after-accept", fault: "RT11",
		title:  "The ports of one protocol take connections and reset them",
		breaks: func(w *world) { w.breakOff("reset") },
	},
	{
		id: "rt12-closed-after-accept", fault: "RT12",
		title:  "The ports of one protocol take connections and close them",
		breaks: func(w *world) { w.breakOff("close") },
	},
}

// breakOff ends every connection to one protocol before a word was said. It
// takes a moment, as the server at fault does: an RST at once can come before
// the client has seen the connection stand.
func (w *world) breakOff(how string) {
	pause := w.Between(20*time.Millisecond, 200*time.Millisecond)
	for _, s := range w.anyProtocol() {
		s.naked = true
		s.script = script.Parse(fmt.Sprintf("connect\n  wait %s\n  %s", pause, how))
	}
}
