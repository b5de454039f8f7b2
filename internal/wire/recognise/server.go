package recognise

import "strings"

// serverLine judges the first line of a server; an empty Guess when it is of
// no known protocol.
func serverLine(line string) Guess {
	upper := strings.ToUpper(line)
	switch {
	case strings.HasPrefix(upper, "HTTP/"), strings.HasPrefix(upper, "<!DOCTYPE"), strings.HasPrefix(upper, "<HTML"):
		return Guess{Protocol: HTTP}
	case hasWord(upper, "* OK", "* PREAUTH", "* BYE", "* NO", "* BAD"):
		return Guess{Protocol: IMAP}
	case hasWord(upper, "+OK", "-ERR"):
		return Guess{Protocol: POP3}
	case isReply(upper):
		return replyLine(upper)
	}
	return Guess{}
}

// hasWord reports that line is one of the words or begins with one and a
// space.
func hasWord(line string, words ...string) bool {
	for _, word := range words {
		if line == word || strings.HasPrefix(line, word+" ") {
			return true
		}
	}
	return false
}

// isReply reports a line with a reply code that SMTP or FTP greet with.
func isReply(line string) bool {
	if len(line) < 3 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return false
	}
	switch code := line[:3]; {
	case code == "220", code == "120", code == "421":
		return true
	default:
		return (code[0] == '4' || code[0] == '5') && code[1] >= '0' && code[1] <= '5' && code[2] >= '0' && code[2] <= '9'
	}
}

// replyLine tells SMTP from FTP, whose greetings differ only in their words.
func replyLine(line string) Guess {
	switch {
	case strings.Contains(line, "*****"):
		return Guess{Protocol: SMTP, Kind: Garbled}
	case strings.HasPrefix(line, "120"),
		strings.Contains(line, "FTP") && !strings.Contains(line, "SMTP"),
		strings.Contains(line, "FILEZILLA"):
		return Guess{Protocol: FTP}
	}
	return Guess{Protocol: SMTP}
}
