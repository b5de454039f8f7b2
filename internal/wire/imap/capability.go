package imap

// Access is what a connection may do about security and login now; the
// capabilities depend on it.
type Access struct {
	StartTLS bool // STARTTLS is possible
	Login    bool // a password may be sent
	LoggedIn bool
}

// Capabilities are what the server can do, in an order that never changes:
// some clients remember the line and compare it.
func Capabilities(a Access) string {
	s := "IMAP4rev1 LITERAL+ SASL-IR ID IDLE NAMESPACE UIDPLUS UNSELECT MOVE SPECIAL-USE CREATE-SPECIAL-USE"
	if a.LoggedIn {
		return s
	}
	if a.StartTLS {
		s += " STARTTLS"
	}
	if a.Login {
		return s + " AUTH=PLAIN"
	}
	return s + " LOGINDISABLED"
}
