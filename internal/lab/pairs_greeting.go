package lab

import (
	"fmt"
	"time"

	"postern/internal/lab/script"
)

var greetingPairs = []pair{
	{
		id: "gw01-no-greeting", fault: "GW01",
		title: "The ports of one protocol take connections and say nothing, not even TLS",
		breaks: func(w *world) {
			for _, s := range w.anyProtocol() {
				s.naked, s.script = true, script.Parse("connect\n  silent")
			}
		},
	},
	{
		id: "gw02-greeting-late", fault: "GW02",
		title: "One protocol greets after many seconds",
		breaks: func(w *world) {
			pause := w.Between(6*time.Second, 13*time.Second)
			for _, s := range w.anyProtocol() {
				s.script = s.script.With(fmt.Sprintf("let pause = %s", pause))
			}
		},
	},
	{
		id: "gw03-server-busy", fault: "GW03",
		title: "One protocol greets with a refusal for now",
		breaks: func(w *world) {
			for _, s := range w.anyProtocol() {
				s.script = s.script.With(fmt.Sprintf("connect\n  S: %s\n  close", Pick(w.Rand, busy[s.Protocol]...)))
			}
		},
	},
	{
		id: "gw05-wrong-service", fault: "GW05",
		title: "A web, login or file server answers on the ports of one protocol",
		breaks: func(w *world) {
			stranger := Pick(w.Rand, script.HTTP(), script.SSH(), script.FTP())
			for _, s := range w.anyProtocol() {
				s.naked, s.script = true, stranger
			}
		},
	},
}
