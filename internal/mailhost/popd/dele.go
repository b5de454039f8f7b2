package popd

import (
	"context"

	"postern/internal/fault"
	"postern/internal/wire/pop3"
)

// dele answers DELE: it marks a message.
func (x *session) dele(c pop3.Command) {
	e, err := x.drop.at(c.Message)
	if err != nil {
		x.refuse(err)
		return
	}
	e.deleted = true
	x.reply(pop3.OK("marked; QUIT removes it"))
}

// rset answers RSET: it takes all marks off.
func (x *session) rset() {
	x.drop.reset()
	x.reply(pop3.OK("no message is marked"))
}

// end answers QUIT. After a login that is the UPDATE state: what is marked is
// removed now, and only now (RFC 1939 §6).
func (x *session) end(ctx context.Context) {
	x.quit = true
	if x.drop != nil {
		if err := x.drop.update(ctx); err != nil {
			x.refuse(&fault.Error{
				Op: "remove", Object: "marked messages", Temporary: true, Err: err,
				Client: "the marked messages could not be removed; they are still there",
			})
			return
		}
	}
	x.reply(pop3.OK("goodbye"))
}
