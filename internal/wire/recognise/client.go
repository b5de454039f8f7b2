package recognise

import (
	"slices"
	"strings"
)

// clientLine judges the first line of a client; an empty Guess when it is of
// no known protocol, or could be of several.
func clientLine(line string) Guess {
	words := strings.Fields(strings.ToUpper(line))
	if len(words) == 0 {
		return Guess{}
	}
	switch verb := words[0]; {
	case slices.Contains(httpMethods, verb) && len(words) > 1 && isHTTPTarget(words[1]):
		return Guess{Protocol: HTTP}
	case isSMTP(words):
		return Guess{Protocol: SMTP}
	case isFTP(words):
		return Guess{Protocol: FTP}
	case slices.Contains(pop3Verbs, verb):
		return Guess{Protocol: POP3}
	case len(words) > 1 && isTag(verb) && slices.Contains(imapVerbs, words[1]):
		return Guess{Protocol: IMAP}
	}
	return Guess{}
}

var httpMethods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI", "PROPFIND"}

// isHTTPTarget reports a path, a URL, "*", or the host and port of CONNECT.
func isHTTPTarget(word string) bool {
	return strings.ContainsAny(word[:1], "/*") || strings.Contains(word, ":")
}

// isSMTP goes by the verbs that SMTP alone has (LMTP's LHLO among them).
func isSMTP(words []string) bool {
	switch words[0] {
	case "EHLO", "HELO", "LHLO", "VRFY", "EXPN", "STARTTLS", "DATA", "BDAT":
		return true
	case "MAIL":
		return len(words) > 1 && strings.HasPrefix(words[1], "FROM:")
	case "RCPT":
		return len(words) > 1 && strings.HasPrefix(words[1], "TO:")
	}
	return false
}

// isFTP goes by the verbs with which FTP clients begin. They also have USER,
// but on a mail port that is a POP3 client.
func isFTP(words []string) bool {
	switch words[0] {
	case "FEAT", "SYST", "PASV", "EPSV", "CWD", "PWD", "OPTS", "PBSZ", "PROT":
		return true
	case "AUTH":
		return len(words) == 2 && (words[1] == "TLS" || words[1] == "SSL")
	}
	return false
}

var pop3Verbs = []string{"USER", "PASS", "APOP", "CAPA", "STLS", "STAT", "LIST", "RETR", "DELE", "UIDL", "TOP"}

var imapVerbs = []string{
	"CAPABILITY", "NOOP", "LOGOUT", "STARTTLS", "AUTHENTICATE", "LOGIN", "ID", "ENABLE", "NAMESPACE",
	"SELECT", "EXAMINE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE", "LIST", "LSUB", "XLIST",
	"STATUS", "APPEND", "IDLE", "CHECK", "CLOSE", "UNSELECT", "EXPUNGE", "SEARCH", "FETCH", "STORE", "COPY",
	"MOVE", "UID", "COMPRESS",
}

// isTag reports what may stand before an IMAP command (RFC 9051 §9, tag).
func isTag(word string) bool {
	return !strings.ContainsAny(word, "(){%*\"\\+") && len(word) <= 64
}
