package doctor_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/internal/dns"
	"postern/internal/doctor"
	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/discover"
	"postern/internal/doctor/evidence"
	"postern/internal/doctor/probe"
	"postern/internal/doctor/report"
	"postern/internal/fault"
	"postern/internal/lab"
	"postern/internal/lab/artifacts"
	"postern/internal/lab/leakcheck"
	"postern/internal/lab/netns"
	"postern/internal/pki"
	"postern/internal/secret"
)

func TestMain(m *testing.M) {
	netns.Main()
	leakcheck.Main(m)
}

// hanging lists the faults at which something keeps a client waiting; all other
// runs are over soon.
var hanging = []fault.ID{"GW01", "GW02", "GW05", "RT02", "LN07", "MB02"}

// TestScenarios runs the real probes against every scenario of the lab. The
// fault must come first, and beside it nothing that would alarm the user but
// its consequences; the healthy twin must alarm nobody.
func TestScenarios(t *testing.T) {
	for _, s := range lab.All() {
		t.Run(s.ID, func(t *testing.T) {
			if s.Namespace && !netns.Inside() {
				netns.RunTest(t)
				return
			}
			t.Parallel()
			running := start(t, s)
			artifacts.Enter(t, running.Password)
			run, result := examine(t, running)
			keep(t, run, result)
			judge(t, s, result)
			manners(t, s, running, run)
			if t.Failed() {
				show(t, run, result)
			}
		})
	}
}

func start(t *testing.T, s lab.Scenario) *lab.Running {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	running, err := s.Start(t.Context(), lab.NewRand(seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running
}

// options are what `postern check` makes of the scenario's arguments.
func options(t testing.TB, r *lab.Running) doctor.Options {
	t.Helper()
	target, err := discover.ParseTarget(r.Target)
	if err != nil {
		t.Fatal(err)
	}
	opts := doctor.Options{
		Target:   target,
		User:     r.User,
		Password: secret.New(r.Password),
		Resolver: dns.Servers{r.Resolver},
		Server:   r.Resolver.String(),
		Limits:   probe.DefaultLimits,
	}
	if r.CAFile != "" {
		if opts.Roots, err = pki.ReadPool(r.CAFile); err != nil {
			t.Fatal(err)
		}
	}
	return opts
}

func examine(t testing.TB, r *lab.Running) (*evidence.Run, diagnose.Result) {
	t.Helper()
	run := doctor.Check(t.Context(), options(t, r))
	return run, diagnose.Judge(run)
}

func judge(t *testing.T, s lab.Scenario, result diagnose.Result) {
	t.Helper()
	var alarms []fault.ID
	for _, f := range result.Findings {
		if f.Severity >= fault.SeverityWarning && !slices.Contains(s.Consequences, f.ID) {
			alarms = append(alarms, f.ID)
		}
	}
	if s.Healthy {
		if len(alarms) > 0 || result.Verdict != diagnose.Healthy {
			t.Errorf("healthy, and the verdict is %s (%s) with %v", result.Verdict, result.Reason, alarms)
		}
		return
	}
	if len(result.Findings) == 0 || result.Findings[0].ID != s.Fault {
		t.Errorf("the root cause is not %s", s.Fault)
	}
	if diff := cmp.Diff([]fault.ID{s.Fault}, slices.Compact(alarms)); diff != "" {
		t.Errorf("findings from warning on: %s", diff)
	}
}

// manners checks what holds for every run, whatever is broken.
func manners(t *testing.T, s lab.Scenario, r *lab.Running, run *evidence.Run) {
	t.Helper()
	addresses := make(map[string]bool)
	for _, e := range run.Endpoints {
		addresses[e.Address] = true
	}
	if counts := r.Counter.Counts(); counts.Failed > 2 || counts.PeakSessions > 2*len(addresses) {
		t.Errorf("the servers counted %+v at %d addresses", counts, len(addresses))
	}
	if !slices.Contains(hanging, s.Fault) && run.Duration > 10_000 {
		t.Errorf("the run took %v", run.Duration.Duration())
	}
	var saved bytes.Buffer
	if err := evidence.Save(&saved, run); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(saved.Bytes(), []byte(r.Password)) {
		t.Error("the evidence holds the password")
	}
	again, err := evidence.Load(&saved)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(diagnose.Judge(run), diagnose.Judge(again)); diff != "" {
		t.Errorf("the saved run is judged otherwise: %s", diff)
	}
}

// keep keeps what users would share, to be searched for passwords.
func keep(t *testing.T, run *evidence.Run, result diagnose.Result) {
	t.Helper()
	err := errors.Join(
		evidence.Save(artifacts.Writer(t, "evidence"), run),
		report.JSON(artifacts.Writer(t, "json"), run, result),
		report.Terminal(artifacts.Writer(t, "report"), run, result),
	)
	if err != nil {
		t.Error(err)
	}
}

// show logs the report and, on request, the evidence.
func show(t *testing.T, run *evidence.Run, result diagnose.Result) {
	t.Helper()
	var text strings.Builder
	if err := report.Terminal(&text, run, result); err != nil {
		t.Error(err)
	}
	t.Log(text.String())
	if os.Getenv("POSTERN_EVIDENCE") != "" {
		all, _ := json.MarshalIndent(run, "", "  ")
		t.Logf("%s", all)
	}
}

// BenchmarkHealthyAccount is a whole run at a healthy provider on loopback: all
// ports, six logins.
func BenchmarkHealthyAccount(b *testing.B) {
	s, err := lab.Find("AU01-wrong-password-healthy")
	if err != nil {
		b.Fatal(err)
	}
	running, err := s.Start(b.Context(), lab.NewRand(1))
	if err != nil {
		b.Fatal(err)
	}
	defer running.Stop()
	opts := options(b, running)
	for b.Loop() {
		run := doctor.Check(b.Context(), opts)
		if result := diagnose.Judge(run); result.Verdict != diagnose.Healthy {
			b.Fatal(fmt.Sprint(result.Verdict, result.Reason))
		}
	}
}
