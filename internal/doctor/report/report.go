// Package report shows what a run found: in a terminal for people and as JSON
// for scripts. It also prints the pages of the fault catalogue and the table of
// mail ports. It adds no judgement of its own, and shows no secret because the
// evidence holds none.
package report

import (
	"fmt"
	"io"

	"charm.land/lipgloss/v2"

	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/evidence"
	"postern/internal/fault"
)

// Terminal writes the result for people: the stage matrix, the findings with
// the root cause first, and the settings that work. No line is longer than
// Width. Colours come only where w is a terminal and NO_COLOR is not set.
func Terminal(w io.Writer, run *evidence.Run, result diagnose.Result) error {
	p := newPage(w)
	p.headline(run, result)
	p.matrix(run, result.Probes)
	p.findings(result.Findings)
	p.settings(run, result)
	return p.writeTo(w)
}

// headline says the verdict first.
func (p *page) headline(run *evidence.Run, result diagnose.Result) {
	style, words := p.verdict(result)
	p.line(style.Render(string(result.Verdict)), "  ", p.heading.Render(run.Target.Input))
	p.paragraph("", words)
	p.paragraph("", fmt.Sprintf("Tested on %s in %s.", run.Started.UTC().Format("2006-01-02 at 15:04 MST"), length(run.Duration)))
	if !run.Options.Credentials && len(result.Probes) > 0 {
		p.paragraph("", "The login was not tested: no user name and password were given.")
	}
}

func (p *page) verdict(result diagnose.Result) (style lipgloss.Style, words string) {
	switch result.Verdict {
	case diagnose.Healthy:
		for _, f := range result.Findings {
			if f.Severity >= fault.SeverityWarning {
				return p.good, "What you need works, as far as it was tested. There are warnings below."
			}
		}
		return p.good, "What you need works, as far as it was tested."
	case diagnose.Faulty:
		return p.bad, "Something stops or endangers your mail. The first finding is the root cause."
	default:
		return p.soft, "Could not test: " + result.Reason + "."
	}
}

// findings writes what matters in full and the rest in a line each.
func (p *page) findings(found []diagnose.Finding) {
	var minor []diagnose.Finding
	for _, f := range found {
		if f.Severity >= fault.SeverityWarning {
			p.finding(f)
		} else {
			minor = append(minor, f)
		}
	}
	if len(minor) == 0 {
		return
	}
	p.section("Worth knowing")
	for _, f := range minor {
		p.paragraph("  "+string(f.ID)+"  ", f.Title+".")
	}
}

func (p *page) finding(f diagnose.Finding) {
	p.blank()
	p.line(p.severity(f.Severity).Render(f.Severity.String()), "  ",
		p.heading.Render(string(f.ID)+" "+f.Name), p.quiet.Render("  "+surety(f.Confidence)))
	p.paragraph("  ", f.Title+".")
	p.blank()
	p.paragraph("  ", f.Explanation)
	p.labelled("Who acts", numbers(1), owners(f.Owner, f.Also))
	p.labelled("What to do", numbers(len(f.Fix)), f.Fix...)
	p.labelled("Then", numbers(1), f.Verify)
	p.labelled("Seen", func(int) string { return "- " }, f.Evidence...)
}

// labelled writes texts in a column of their own, each after its mark, the
// label before the first.
func (p *page) labelled(label string, mark func(int) string, texts ...string) {
	p.blank()
	for i, text := range texts {
		if i > 0 {
			label = ""
		}
		p.paragraph(fmt.Sprintf("  %-11s", label)+mark(i), text)
	}
}

// numbers marks the steps of a list of n; a single step needs no number.
func numbers(n int) func(int) string {
	return func(i int) string {
		if n < 2 {
			return ""
		}
		return fmt.Sprintf("%d. ", i+1)
	}
}

// surety words a confidence.
func surety(confidence float64) string {
	percent := fmt.Sprintf(" (%.0f %%)", confidence*100)
	switch {
	case confidence >= 0.9:
		return "sure" + percent
	case confidence >= 0.6:
		return "likely" + percent
	default:
		return "possible" + percent
	}
}

// length writes the length of a run.
func length(m evidence.Millis) string {
	if m < 1000 {
		return fmt.Sprintf("%.0f ms", float64(m))
	}
	return fmt.Sprintf("%.1f s", float64(m)/1000)
}
