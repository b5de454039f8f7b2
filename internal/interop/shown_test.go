package interop

import (
	"regexp"
	"strings"
)

// noise matches the lines of each program that say nothing about what went
// wrong.
var noise = map[string]*regexp.Regexp{
	"curl":    regexp.MustCompile(`^(More details here|curl failed to verify|establish a secure|how to fix it, please|$)`),
	"openssl": regexp.MustCompile(`^(depth=|verify return|Can't use SSL_get_servername|CONNECTED|---|$|[A-Z][A-Za-z -]+: |Secure Renegotiation|No |New, |Early data|SSL handshake has|no peer)`),
	"mutt":    regexp.MustCompile(`^( *|Reading .*|Looking up .*|Connecting to .*|Closing .*|SSL/TLS connection .*|Authenticating .*|Logging in.*|Selecting .*|Fetching .*|message headers.*|q:.*|---?-? ?Mutt: .*|.*Fingerprint: .*|[0-9A-F ]{30,}| *from .* UTC| *to .* UTC|.|\(r\)eject.*|Key is not bound.*)$`),
	"mbsync":  regexp.MustCompile(`^(C: .*|$)`),
}

// ownTalk matches what curl --verbose tells of itself; what the server said
// ("< ") and curl's verdict is kept.
var ownTalk = regexp.MustCompile(`^[*>{}]( |$)`)

// control matches what moves a terminal's cursor and sets its colours.
var control = regexp.MustCompile("\x1b(\\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])|[\x07\x08\x0e\x0f]")

// threadID is a number that openssl puts before its errors.
var threadID = regexp.MustCompile(`^[0-9A-F]{12,16}:error:`)

// shown returns the lines that tell a user what went wrong, each once.
func shown(t try, output string) string {
	var lines []string
	seen := make(map[string]bool)
	output = control.ReplaceAllString(strings.ReplaceAll(output, "\x1b[", "\n\x1b["), "")
	for line := range strings.FieldsFuncSeq(output, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimRight(threadID.ReplaceAllString(line, "error:"), " \t")
		if noise[t.program].MatchString(line) || seen[line] || strings.Contains(t.command, "--verbose") && ownTalk.MatchString(line) {
			continue
		}
		seen[line] = true
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
