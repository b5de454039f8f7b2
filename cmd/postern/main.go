// Command postern is a mail host and a mail connection doctor in one binary:
// `postern serve` serves SMTP, POP3 and IMAP, `postern check` finds out why a
// mail program can't reach a server. This package only reads arguments, calls
// the wings and turns their answers into text and exit codes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with its surroundings given, so that tests can call it. The
// first interrupt or SIGTERM asks the command to end, a second one ends it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if text := message(err); text != "" {
		fmt.Fprintln(stderr, "postern: "+text)
	}
	return exitCode(err)
}
