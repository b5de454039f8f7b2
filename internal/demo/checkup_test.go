package demo

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAllGreen(t *testing.T) {
	const right = `{"verdict": "healthy",
		"findings": [{"id": "RT01", "severity": "info", "title": "one more port"}],
		"probes": [
			{"address": "127.0.0.1", "port": 10993, "stage": "use", "outcome": "ok"},
			{"address": "::1", "port": 10993, "stage": "certify", "outcome": "ok"}]}`
	expected := []string{"127.0.0.1:10993", "[::1]:10993"}
	tests := []struct {
		name, old, new string
		want           string // in the error; empty: none
	}{
		{"all green", "", "", ""},
		{"a fault", `"healthy"`, `"fault"`, "the verdict is fault"},
		{"nothing tested", `"healthy"`, `"untested"`, "the verdict is untested"},
		{"a warning", `"info"`, `"warning"`, "RT01 (one more port)"},
		{"a port refused", `"certify", "outcome": "ok"`, `"name", "outcome": "refused"`, "[::1]:10993: refused, stage reached: name"},
		{"a port left out", `"::1"`, `"::2"`, "[::1]:10993 was not looked at"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r report
			if err := json.Unmarshal([]byte(strings.Replace(right, tt.old, tt.new, 1)), &r); err != nil {
				t.Fatal(err)
			}
			err := r.allGreen(expected)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
