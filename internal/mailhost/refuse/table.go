package refuse

import (
	"postern/internal/fault"
	"postern/internal/wire/pop3"
	"postern/internal/wire/smtp"
)

// row is what the three protocols say about one fault, once it is known whether
// the same attempt can succeed later.
type row struct {
	smtp status
	pop3 pop3.Code
	imap string // response code
}

type status struct {
	code     int
	enhanced smtp.Enhanced
}

// entry is a line of the table: the fault for good, and for now.
type entry struct{ permanent, temporary row }

// otherwise serves the faults that have no line of their own.
var otherwise = entry{
	permanent: say(554, "5.3.0", "", ""),
	temporary: say(451, "4.3.0", pop3.CodeSysTemp, "UNAVAILABLE"),
}

// table has a line for each fault whose replies say more than that.
//
// POP3 has few codes: AUTH means "the credentials", SYS "the server" (RFC 3206);
// a client without the right code in hand may ask its user for a new password.
var table = map[fault.ID]entry{
	// The connection as a whole.
	"GW03": always(421, "4.3.2", pop3.CodeSysTemp, "UNAVAILABLE"),
	"GW05": always(554, "5.5.1", "", ""),
	"GW06": always(554, "5.5.1", "", ""),
	"GW07": always(554, "5.7.0", "", ""),
	"GW08": always(554, "5.7.0", "", ""),
	"GW16": always(554, "5.5.1", "", ""),
	"RT09": always(421, "4.7.0", pop3.CodeSysTemp, "UNAVAILABLE"),
	"MB10": always(421, "4.7.0", pop3.CodeSysTemp, "LIMIT"),
	"TL03": always(454, "4.7.0", pop3.CodeSysTemp, "UNAVAILABLE"),
	"TL22": always(554, "5.5.1", "", ""),

	// Logging in.
	"GW09": always(530, "5.7.0", "", "PRIVACYREQUIRED"),
	"CL15": always(530, "5.7.0", "", ""),
	"AU01": always(535, "5.7.8", pop3.CodeAuth, "AUTHENTICATIONFAILED"),
	"AU02": always(535, "5.7.8", pop3.CodeAuth, "AUTHENTICATIONFAILED"),
	"AU10": always(503, "5.5.1", "", "CANNOT"),
	"AU11": always(504, "5.5.4", "", "CANNOT"),
	"AU13": always(454, "4.7.0", pop3.CodeSysTemp, "UNAVAILABLE"),
	"AU14": always(454, "4.7.0", pop3.CodeSysTemp, "UNAVAILABLE"),
	"AC01": always(535, "5.7.1", pop3.CodeAuth, "AUTHORIZATIONFAILED"),
	"AC02": always(535, "5.7.1", pop3.CodeAuth, "CONTACTADMIN"),
	"AC03": always(535, "5.7.8", pop3.CodeAuth, "EXPIRED"),

	// Mailboxes.
	"MB01": {say(552, "5.2.2", pop3.CodeSysPerm, "OVERQUOTA"), say(452, "4.2.2", pop3.CodeSysTemp, "OVERQUOTA")},
	"MB02": always(450, "4.2.1", pop3.CodeInUse, "INUSE"),
	"MB03": {say(554, "5.3.0", pop3.CodeSysPerm, "SERVERBUG"), say(451, "4.3.0", pop3.CodeSysTemp, "SERVERBUG")},
	"MB04": always(554, "5.3.0", pop3.CodeSysPerm, "CORRUPTION"),
	"MB05": always(550, "5.1.1", "", "NONEXISTENT"),
	"MB06": always(550, "5.1.1", "", "TRYCREATE"),

	// The server itself.
	"SH04": always(452, "4.3.1", pop3.CodeSysTemp, "UNAVAILABLE"),
	"SH05": always(451, "4.3.2", pop3.CodeSysTemp, "UNAVAILABLE"),
	"AC04": always(550, "5.1.1", pop3.CodeAuth, "CONTACTADMIN"),

	// Mail on its way.
	"OU01": always(550, "5.7.1", "", ""),
	"OU02": always(553, "5.7.1", "", ""),
	"OU03": {say(550, "5.1.8", "", ""), say(450, "4.1.8", "", "")},
	"OU04": {say(550, "5.1.1", "", ""), say(450, "4.1.1", "", "")},
	"OU05": {say(550, "5.1.2", "", ""), say(450, "4.1.2", "", "")},
	"OU06": always(552, "5.3.4", "", "TOOBIG"),
	"OU07": {say(550, "5.5.3", "", "LIMIT"), say(452, "4.5.3", "", "LIMIT")},
	"OU08": always(554, "5.7.1", "", ""),
	"OU10": always(501, "5.5.2", "", ""),
	"OU13": always(451, "4.4.1", "", ""),
	"OU16": always(554, "5.4.6", "", ""),
	"OU17": always(554, "5.6.0", "", ""),
}

func lookup(e *fault.Error) row {
	line, ok := table[e.Fault]
	if !ok {
		line = otherwise
	}
	if e.Temporary {
		return line.temporary
	}
	return line.permanent
}

// always is for faults that are only ever temporary, or only ever permanent.
func always(code int, enhanced string, p pop3.Code, imap string) entry {
	r := say(code, enhanced, p, imap)
	return entry{r, r}
}

// say writes an enhanced code as the RFCs do: three digits with dots.
func say(code int, enhanced string, p pop3.Code, imap string) row {
	digit := func(i int) int { return int(enhanced[i] - '0') }
	return row{status{code, smtp.Enhanced{digit(0), digit(2), digit(4)}}, p, imap}
}
