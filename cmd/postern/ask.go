package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"

	"postern/internal/secret"
)

// dialogue asks a person at a terminal.
type dialogue struct {
	in   *os.File
	out  io.Writer
	keys *term.Terminal // for secrets; it keeps what was typed ahead
}

// newDialogue returns nil when nobody is there to be asked.
func newDialogue(in io.Reader, out io.Writer) *dialogue {
	if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		screen := struct {
			io.Reader
			io.Writer
		}{file, out}
		return &dialogue{file, out, term.NewTerminal(screen, "")}
	}
	return nil
}

// line asks for one line.
func (d *dialogue) line(question string) (string, error) {
	return ask(func() (string, error) {
		fmt.Fprint(d.out, question)
		line, err := bufio.NewReader(d.in).ReadString('\n')
		if err != nil && line == "" {
			return "", errors.New("the input ended")
		}
		return strings.TrimRight(line, "\r\n"), nil
	})
}

// password asks for a secret without showing what is typed. Echo is off before
// the question appears, so an interrupt always finds the terminal as it must be
// restored from; Ctrl-C is then a key, which ends the reading.
func (d *dialogue) password(question string) (secret.Secret, error) {
	before, err := term.MakeRaw(int(d.in.Fd()))
	if err != nil {
		return secret.Secret{}, err
	}
	defer term.Restore(int(d.in.Fd()), before)
	text, err := ask(func() (string, error) { return d.keys.ReadPassword(question) })
	if errors.Is(err, io.EOF) {
		err = errInterrupted
	}
	return secret.New(text), err
}

// errInterrupted says that the person gave up.
var errInterrupted = errors.New("interrupted")

// ask waits for what read returns, or for an interrupt: the commands' own
// handling of it would wait for the answer.
func ask(read func() (string, error)) (string, error) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := read()
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-stop:
		return "", errInterrupted
	}
}

// maxPassword is longer than any password that a mail server takes, in octets.
const maxPassword = 4096

// readPassword returns the first line of a file; "-" is standard input.
func readPassword(name string, stdin io.Reader) (secret.Secret, error) {
	in := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return secret.Secret{}, fmt.Errorf("read the password: %w", err)
		}
		defer file.Close()
		in = file
	}
	line, err := bufio.NewReader(io.LimitReader(in, maxPassword+1)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return secret.Secret{}, fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	switch {
	case line == "":
		return secret.Secret{}, fmt.Errorf("read the password: the first line of %s is empty", name)
	case len(line) > maxPassword:
		return secret.Secret{}, fmt.Errorf("read the password: the first line of %s is longer than any password", name)
	}
	return secret.New(line), nil
}
