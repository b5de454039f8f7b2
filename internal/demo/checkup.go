package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"

	"postern/internal/wire/ports"
)

// report is what the demo reads of the JSON that `postern check` prints.
type report struct {
	Verdict  string `json:"verdict"`
	Findings []struct {
		ID       string `json:"id"`
		Severity string `json:"severity"`
		Title    string `json:"title"`
	} `json:"findings"`
	Probes []struct {
		Address string `json:"address"`
		Port    int    `json:"port"`
		Stage   string `json:"stage"`
		Outcome string `json:"outcome"`
	} `json:"probes"`
}

// checkArguments are those of `postern check` on bob's account.
func (d *demo) checkArguments() []string {
	return []string{
		"check", bob,
		"--port-offset", strconv.Itoa(int(d.Offset)),
		"--resolver", d.resolver.String(),
		"--ca", d.home.authority(),
		"--password-file", d.home.passwordFile(bob),
	}
}

// check runs the doctor and reads its report. That it found a fault is no error.
func (d *demo) check(ctx context.Context) (*report, error) {
	out, err := d.run(ctx, append(d.checkArguments(), "--json", "--save", d.home.run())...)
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && out != "") {
		return nil, err
	}
	r := new(report)
	if err := json.Unmarshal([]byte(out), r); err != nil {
		return nil, fmt.Errorf("read the report of postern check: %w", err)
	}
	return r, nil
}

// showReport prints the report of the run that check has saved.
func (d *demo) showReport(ctx context.Context) error {
	cmd := d.command(ctx, "diagnose", d.home.run())
	cmd.Stdout, cmd.Stderr = d.Out, d.Out // a terminal stays one for the child
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return nil // the verdict again, which check has returned
	}
	return err
}

// expected lists every port that the demo serves, as address and port.
func (d *demo) expected() []string {
	var all []string
	for _, a := range d.addresses {
		for _, p := range ports.All() {
			all = append(all, net.JoinHostPort(a.String(), strconv.Itoa(d.Offset.Number(p))))
		}
	}
	return all
}

// allGreen returns an error unless the verdict is healthy, nothing from a
// warning up was found, and each expected port passed every step.
func (r *report) allGreen(expected []string) error {
	var wrong []string
	if r.Verdict != "healthy" {
		wrong = append(wrong, "the verdict is "+r.Verdict)
	}
	for _, f := range r.Findings {
		if f.Severity != "info" && f.Severity != "notice" {
			wrong = append(wrong, fmt.Sprintf("%s (%s)", f.ID, f.Title))
		}
	}
	outcomes := make(map[string]string)
	for _, p := range r.Probes {
		outcomes[net.JoinHostPort(p.Address, strconv.Itoa(p.Port))] = p.Outcome + ", stage reached: " + p.Stage
	}
	for _, place := range expected {
		switch outcome := outcomes[place]; {
		case outcome == "":
			wrong = append(wrong, place+" was not looked at")
		case !strings.HasPrefix(outcome, "ok,"):
			wrong = append(wrong, place+": "+outcome)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("postern check does not find the demo's mail host all green: %s", strings.Join(wrong, "; "))
	}
	return nil
}
