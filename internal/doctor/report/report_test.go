package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"postern/internal/doctor/diagnose"
	"postern/internal/doctor/evidence"
	"postern/internal/fault"
	"postern/internal/wire/ports"
)

var update = flag.Bool("update", false, "write the golden files anew")

// runs are the runs whose reports are golden: each a healthy one with a change.
var runs = map[string]func(*evidence.Run){
	"healthy": func(*evidence.Run) {},
	"expired": func(r *evidence.Run) {
		for i := range r.Endpoints {
			r.Endpoints[i].TLS.Chain[0].NotAfter = r.Started.Add(-72 * time.Hour)
		}
	},
	"untested": func(r *evidence.Run) {
		r.Endpoints, r.Hosts = nil, nil
		r.DNS = []evidence.Lookup{{Name: "example.com", Type: "MX", Failure: &evidence.Failure{Kind: evidence.Timeout}, Took: 2000}}
	},
	"only-starttls": func(r *evidence.Run) {
		for i := range r.Endpoints {
			if e := &r.Endpoints[i]; e.Port == 465 {
				*e = unanswered(*e)
			}
		}
	},
	"sending-filtered": func(r *evidence.Run) {
		for i := range r.Endpoints {
			e := &r.Endpoints[i]
			if e.Role == ports.Submission || e.Role == ports.Relay {
				*e = unanswered(*e)
			}
		}
	},
	"long-names": func(r *evidence.Run) {
		long := strings.Repeat("a-very-long-label.", 8) + "example.com"
		r.Target = evidence.Target{Input: "someone@" + long, Kind: evidence.TargetAddress, Address: "someone@" + long, Domain: long}
		r.Options.Credentials = false
		for i := range r.Endpoints {
			r.Endpoints[i].Host = long
			r.Endpoints[i].Port += 10000
			r.Endpoints[i].TLS.Chain[0].DNSNames = []string{long}
			r.Endpoints[i].Logins = nil
			r.Endpoints[i].Mailbox = nil
		}
	},
	"nothing-known": func(r *evidence.Run) {
		*r = evidence.Run{Version: 1, Started: r.Started, Endpoints: []evidence.Endpoint{
			{Host: "192.0.2.1", Address: "192.0.2.1", Port: 1},
			{Host: "192.0.2.1", Address: "192.0.2.1", Port: 65535, Connect: evidence.Connect{Took: 1e12}},
		}}
	},
}

func unanswered(e evidence.Endpoint) evidence.Endpoint {
	return evidence.Endpoint{
		Host: e.Host, Address: e.Address, Port: e.Port, Protocol: e.Protocol, Security: e.Security, Role: e.Role,
		Connect: evidence.Connect{Took: 4000, Failure: &evidence.Failure{Kind: evidence.Timeout, Errno: "ETIMEDOUT"}},
	}
}

func load(t *testing.T, change func(*evidence.Run)) *evidence.Run {
	t.Helper()
	f, err := os.Open("../diagnose/testdata/healthy.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := evidence.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	change(run)
	return run
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s changed (-want +got):\n%s", name, diff)
	}
}

func TestTerminal(t *testing.T) {
	for name, change := range runs {
		t.Run(name, func(t *testing.T) {
			run := load(t, change)
			var buf bytes.Buffer
			if err := Terminal(&buf, run, diagnose.Judge(run)); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(buf.String(), "\x1b") {
				t.Error("colours where there is no terminal")
			}
			checkWidth(t, buf.String())
			golden(t, name+".txt", buf.Bytes())
		})
	}
}

// checkWidth allows longer lines only for a word that is too long by itself.
func checkWidth(t *testing.T, text string) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if lipgloss.Width(line) > Width && len(words) > 0 && lipgloss.Width(words[len(words)-1]) < Width/2 {
			t.Errorf("%d columns: %q", lipgloss.Width(line), line)
		}
	}
}

func TestJSONKeepsToTheSchema(t *testing.T) {
	schema := compileSchema(t)
	for name, change := range runs {
		t.Run(name, func(t *testing.T) {
			run := load(t, change)
			if err := schema.Validate(jsonReport(t, run)); err != nil {
				t.Error(err)
			}
		})
	}
}

// The schema must refuse what scripts can't rely on.
func TestSchemaBites(t *testing.T) {
	schema := compileSchema(t)
	changes := map[string]func(map[string]any){
		"no verdict":         func(d map[string]any) { delete(d, "verdict") },
		"other verdict":      func(d map[string]any) { d["verdict"] = "fine" },
		"null findings":      func(d map[string]any) { d["findings"] = nil },
		"unknown name":       func(d map[string]any) { d["surprise"] = 1 },
		"other schema":       func(d map[string]any) { d["schema"] = 2 },
		"no reason":          func(d map[string]any) { d["verdict"] = "untested" },
		"no date":            func(d map[string]any) { d["started"] = "yesterday" },
		"finding without id": func(d map[string]any) { delete(d["findings"].([]any)[0].(map[string]any), "id") },
		"confidence of 97":   func(d map[string]any) { d["findings"].([]any)[0].(map[string]any)["confidence"] = 97 },
	}
	for name, change := range changes {
		doc := jsonReport(t, load(t, runs["expired"])).(map[string]any)
		if err := schema.Validate(doc); err != nil {
			t.Fatal(err)
		}
		change(doc)
		if schema.Validate(doc) == nil {
			t.Errorf("%s: the schema takes it", name)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("../../../docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// jsonReport is the JSON report of a run as a reader gets it.
func jsonReport(t *testing.T, run *evidence.Run) any {
	t.Helper()
	var buf bytes.Buffer
	if err := JSON(&buf, run, diagnose.Judge(run)); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(&buf)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The names of the JSON form are golden too: scripts rely on them.
func TestJSONGolden(t *testing.T) {
	run := load(t, runs["expired"])
	run.Endpoints = run.Endpoints[:1]
	var buf bytes.Buffer
	if err := JSON(&buf, run, diagnose.Judge(run)); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(buf.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if v, _ := doc["version"].(string); v == "" {
		t.Error("no version")
	}
	doc["version"] = "any"
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "expired.json", append(out, '\n'))
}

func TestColoursOnlyRepeatWords(t *testing.T) {
	run := load(t, runs["expired"])
	result := diagnose.Judge(run)
	var plain bytes.Buffer
	if err := Terminal(&plain, run, result); err != nil {
		t.Fatal(err)
	}
	p := &page{paint: painter(true)}
	p.headline(run, result)
	p.matrix(run, result.Probes)
	p.findings(result.Findings)
	p.settings(run, result)
	if !strings.Contains(p.text.String(), "\x1b[") {
		t.Fatal("no colours at all")
	}
	var stripped bytes.Buffer
	if err := p.writeTo(&stripped); err != nil { // no terminal: the writer strips them
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain.String(), stripped.String()); diff != "" {
		t.Error("colour changes the words:\n", diff)
	}
}

func TestEveryCataloguePageFits(t *testing.T) {
	for _, f := range fault.All() {
		var buf bytes.Buffer
		if err := Page(&buf, f); err != nil {
			t.Fatal(err)
		}
		checkWidth(t, buf.String())
		if !strings.HasPrefix(buf.String(), string(f.ID)+"  "+f.Name) {
			t.Errorf("the page of %s begins with %.40q", f.ID, buf.String())
		}
	}
}

func TestPage(t *testing.T) {
	f, _ := fault.Lookup("TL07")
	var buf bytes.Buffer
	if err := Page(&buf, f); err != nil {
		t.Fatal(err)
	}
	golden(t, "page-tl07.txt", buf.Bytes())
}

func TestPortsTable(t *testing.T) {
	var buf bytes.Buffer
	if err := Ports(&buf, ports.All()); err != nil {
		t.Fatal(err)
	}
	checkWidth(t, buf.String())
	golden(t, "ports.txt", buf.Bytes())
}
