package report

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/evidence"
	"postern/internal/wire/ports"
)

const (
	labelWidth = 23 // "  10993 IMAP STARTTLS  "
	cellWidth  = 8  // "ok 14ms "
)

// matrix writes a row for each port of each address, with a column for each
// step and its time.
func (p *page) matrix(run *evidence.Run, probes []diagnose.Probe) {
	if len(probes) == 0 {
		return
	}
	p.blank()
	header := strings.Repeat(" ", labelWidth)
	for _, step := range evidence.Steps() {
		header += fmt.Sprintf("%-*s", cellWidth, step)
	}
	p.line(p.heading.Render(strings.TrimRight(header, " ")))
	untested := false
	for _, server := range byServer(probes) {
		p.line(p.quiet.Render(serverWords(server[0].Where)))
		for _, probe := range server {
			untested = p.row(probe) || untested
		}
	}
	if untested {
		p.line(p.quiet.Render("  - was not tested" + whyUntested(run)))
	}
}

// whyUntested explains the rows of a second address, which nobody logs in to.
func whyUntested(run *evidence.Run) string {
	for _, e := range run.Endpoints {
		if e.Skipped == evidence.SkipSamePort {
			return "; a login at one address of a host is enough"
		}
	}
	return ""
}

// protocolOrder is the order of the rows of a server.
var protocolOrder = []ports.Protocol{ports.IMAP, ports.POP3, ports.SMTP}

// byServer groups probes by host and address, in the order of their first, and
// puts the ports of a protocol side by side.
func byServer(probes []diagnose.Probe) [][]diagnose.Probe {
	var groups [][]diagnose.Probe
	index := map[[2]string]int{}
	for _, probe := range probes {
		key := [2]string{probe.Host, probe.Address}
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], probe)
	}
	for _, g := range groups {
		slices.SortStableFunc(g, func(a, b diagnose.Probe) int {
			return slices.Index(protocolOrder, a.Protocol) - slices.Index(protocolOrder, b.Protocol)
		})
	}
	return groups
}

func serverWords(w diagnose.Where) string {
	if w.Host == w.Address || w.Host == "" {
		return w.Address
	}
	if lipgloss.Width(w.Host)+lipgloss.Width(w.Address)+3 > Width {
		return w.Host + "\n" + w.Address
	}
	return w.Host + " (" + w.Address + ")"
}

// row writes one probe and reports whether it left a step untested.
func (p *page) row(probe diagnose.Probe) (untested bool) {
	protocol := protocolWords[probe.Protocol]
	if protocol == "" {
		protocol = "?"
	}
	label := fmt.Sprintf("  %5d %-4s %s", probe.Port, protocol, securityWords[probe.Security])
	cells, gap := []string{label}, labelWidth-len(label)
	for _, step := range probe.Steps {
		text, style := p.cell(probe, step)
		untested = untested || step.State == diagnose.Skipped
		if text != "" {
			cells = append(cells, strings.Repeat(" ", max(1, gap)), style.Render(text))
			gap = 0
		}
		gap += cellWidth - len(text)
	}
	p.line(cells...)
	return untested
}

// unreached words the outcomes of a connection that was not made.
var unreached = map[string]string{
	string(evidence.Refused): "closed",
	string(evidence.Timeout): "silent",
}

// cell words how a step came out.
func (p *page) cell(probe diagnose.Probe, step diagnose.StepResult) (string, lipgloss.Style) {
	if word := unreached[probe.Outcome]; word != "" && step.Step == evidence.StepReach {
		return word, p.soft // no fault by itself: a host need not offer every port
	}
	switch step.State {
	case diagnose.Passed:
		if step.Took == 0 {
			return "ok", p.good
		}
		return "ok " + brief(step.Took), p.good
	case diagnose.Failed:
		return "FAIL", p.bad
	case diagnose.Skipped:
		return "-", p.quiet
	default:
		return "", p.quiet
	}
}

// brief writes a time in at most four characters.
func brief(m evidence.Millis) string {
	switch {
	case m < 1:
		return "<1ms"
	case m < 99.5:
		return fmt.Sprintf("%.0fms", float64(m))
	case m < 9950:
		return fmt.Sprintf("%.1fs", float64(m)/1000)
	default:
		return fmt.Sprintf("%.0fs", min(float64(m)/1000, 999))
	}
}
