package interop

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what was recorded to docs/clients.md")

// A step is something that users get wrong when they set up a program.
type step struct {
	title, meaning string
	fault          string // the id that the server records, "" where it can't see it
	certificate    string // the name in the certificate, localhost if it is empty
	tries          []try
}

// A try is one program that takes the wrong step. Those with the same program
// and dialogue run one after the other on one server, all others at once.
type try struct {
	program, dialogue string
	// command is what the user types; {993} stands for the port that has the
	// place of 993, {user}, {password} and {ca} for those.
	command string
	shows   []string // what its user must be shown
}

// The ports of a host by the standard numbers whose place they have.
var standard = map[string]service{
	"993": imapTLS, "143": imapSTARTTLS, "995": popTLS, "110": popSTARTTLS, "465": submitTLS, "587": submitSTARTTLS, "25": smtpRelay,
}

var packages = map[string]string{"curl": "curl", "openssl": "openssl", "mutt": "mutt", "mbsync": "isync"}

// A recording is what a try showed.
type recording struct {
	shown string
	took  time.Duration
	host  *host // on which it was recorded
}

// TestWrongFirstStep lets each program take each wrong first step, and checks
// that it shows its user what the steps say, that the server recorded the
// fault, and that docs/clients.md says so too. With -update it writes that
// page's recorded section.
func TestWrongFirstStep(t *testing.T) {
	recordings := recordAll(t)
	for _, program := range slices.Sorted(maps.Keys(packages)) {
		t.Run(program, func(t *testing.T) {
			need(t, program, packages[program])
			for _, s := range steps {
				for _, try := range s.tries {
					if try.program == program {
						check(t, s, try, recordings[s.title+try.command])
					}
				}
			}
		})
	}
	const page = "../../docs/clients.md"
	if *update && !t.Failed() {
		writeRecorded(t, page, recordings)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		section := sectionOf(string(text), s.title)
		for _, try := range s.tries {
			for _, phrase := range try.shows {
				if !strings.Contains(section, phrase) {
					t.Errorf("%s: the section %q does not show %q; run this test with -update", page, s.title, phrase)
				}
			}
		}
	}
}

// recordAll lets the programs take all wrong steps, several at the same time,
// since some wait for 15 seconds. What they showed is told by step and command.
func recordAll(t *testing.T) map[string]recording {
	var mu sync.Mutex
	var wait sync.WaitGroup
	all := make(map[string]recording)
	slots := make(chan struct{}, 9)
	for _, s := range steps {
		for _, tries := range s.dialogues() {
			if !installed(tries[0].program) {
				continue
			}
			slots <- struct{}{}
			h := serveAs(t, orElse(s.certificate, "localhost"))
			bob := h.account("bob")
			h.muttrc(bob)
			wait.Go(func() {
				defer func() { <-slots }()
				for _, try := range tries {
					r := h.take(try, bob)
					mu.Lock()
					all[s.title+try.command] = r
					mu.Unlock()
				}
			})
		}
	}
	wait.Wait()
	return all
}

// dialogues groups the tries that run on one server, in their order.
func (s step) dialogues() [][]try {
	var groups [][]try
	for _, t := range s.tries {
		last := len(groups) - 1
		if last >= 0 && groups[last][0].program == t.program && groups[last][0].dialogue == t.dialogue {
			groups[last] = append(groups[last], t)
		} else {
			groups = append(groups, []try{t})
		}
	}
	return groups
}

func check(t *testing.T, s step, try try, r recording) {
	t.Helper()
	for _, phrase := range try.shows {
		if !strings.Contains(r.shown, phrase) {
			t.Errorf("%s: `%s` does not show %q:\n%s", s.title, try.command, phrase, r.shown)
		}
	}
	if s.fault == "" {
		return
	}
	if got := r.host.attempts(); !strings.Contains(got, fmt.Sprintf(`"fault":%q`, s.fault)) {
		t.Errorf("%s: `%s` is not recorded as %s:\n%s", s.title, try.command, s.fault, got)
	}
}

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// take runs a try and returns what a user sees of it.
func (h *host) take(try try, user account) recording {
	command := h.expand(try.command, user)
	switch try.program {
	case "curl":
		command = strings.Replace(command, "curl ", "curl --no-progress-meter ", 1)
	case "mutt":
		command = muttCommand(command)
	case "mbsync":
		command = h.mbsyncCommand(command, user)
	}
	started := time.Now()
	// One pipe for all that is printed: two would mix lines up.
	r := h.run("", "/bin/sh", "-c", "exec 2>&1\n"+command)
	took := time.Since(started)
	return recording{h.neutral(shown(try, r.all)), took, h}
}

func (h *host) expand(command string, user account) string {
	for number, s := range standard {
		command = strings.ReplaceAll(command, "{"+number+"}", h.ports[s])
	}
	return strings.NewReplacer("{user}", user.address, "{password}", user.password, "{ca}", h.file("ca.pem")).Replace(command)
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// muttCommand adds what every run of mutt here needs. It wants a terminal to
// read mail in, which script is; there it is made to end, after having said no
// to a certificate if it asks.
func muttCommand(command string) string {
	if strings.HasSuffix(command, "</dev/null") {
		return strings.Replace(command, "mutt ", "mutt -F muttrc ", 1)
	}
	command = strings.Replace(command, "mutt ", "mutt -F muttrc -e 'push <exit>' ", 1)
	return "echo r | script --quiet --return --command " + shellQuote(command) + " /dev/null"
}

// mbsyncCommand turns "mbsync with Port N, SSLType T", which stands for lines of
// the user's configuration, into a command. More settings may follow.
func (h *host) mbsyncCommand(settings string, user account) string {
	config := "IMAPStore far\nHost localhost\nSystemCertificates no\n"
	for setting := range strings.SplitSeq(strings.TrimPrefix(settings, "mbsync with "), ", ") {
		config += setting + "\n"
	}
	for _, usual := range []string{"User " + user.address, "Pass " + user.password, "CertificateFile " + h.file("ca.pem")} {
		keyword, _, _ := strings.Cut(usual, " ")
		if !strings.Contains(config, "\n"+keyword+" ") {
			config += usual + "\n"
		}
	}
	config += fmt.Sprintf("\nMaildirStore near\nPath %s/\nInbox %s/INBOX\n\nChannel all\nFar :far:\nNear :near:\n", h.dir, h.dir)
	return "mbsync --config " + h.write(fmt.Sprintf("mbsyncrc%x", len(config)), config) + " all"
}

// attempts returns what the server's owner sees.
func (h *host) attempts() string {
	return h.postern("", "attempts", "--json")
}

var greeting = regexp.MustCompile(`\[CAPABILITY [^]]*\]`)

var curlTime = regexp.MustCompile(`timed out after \d+ milliseconds`)

var session = regexp.MustCompile(`\(session [a-z0-9]{10}\)`)

// neutral takes out of a text what differs from run to run.
func (h *host) neutral(text string) string {
	for number, s := range standard {
		text = strings.ReplaceAll(text, h.ports[s], number)
	}
	text = strings.ReplaceAll(text, h.dir, "~")
	text = greeting.ReplaceAllString(text, "[CAPABILITY ...]")
	text = curlTime.ReplaceAllString(text, "timed out after 3000 milliseconds")
	return session.ReplaceAllString(text, "(session k3m9x0p2qa)")
}
