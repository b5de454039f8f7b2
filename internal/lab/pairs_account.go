package lab

import (
	"postern/internal/wire/ports"
)

var accountPairs = []pair{
	{
		id: "au01-wrong-password", fault: "AU01",
		title:  "The user's password is not the account's",
		breaks: func(w *world) { w.typedPassword = w.Password() },
	},
	{
		id: "mb02-pop3-mailbox-locked", fault: "MB02",
		title: "Another session holds the POP3 mailbox",
		breaks: func(w *world) {
			refusal := Pick(w.Rand, locks...)
			for _, s := range w.of(ports.POP3) {
				s.script = s.script.With("let welcome = " + refusal)
			}
		},
	},
}
