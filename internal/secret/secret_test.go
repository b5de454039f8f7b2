package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSecretNeverShowsItself(t *testing.T) {
	s := New("hunter2")
	holder := struct {
		Password Secret
		Pointer  *Secret
	}{s, &s}
	asJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	asKey, err := json.Marshal(map[Secret]int{s: 1})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("login", "password", s, "holder", holder)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("login", "password", s, "holder", holder)
	shown := []string{
		s.String(), s.GoString(), fmt.Sprint(s), fmt.Sprintf("%s %v %+v %#v %q %x %d", s, s, s, s, s, s, s),
		fmt.Sprintf("%v %+v %#v", holder, holder, holder), fmt.Sprint(&s), fmt.Errorf("login with %v", s).Error(),
		string(asJSON), string(asKey), log.String(),
	}
	for _, text := range shown {
		if strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("the secret shows in %q", text)
		}
		if !strings.Contains(text, "[secret]") && !strings.Contains(text, "0x") {
			t.Errorf("%q does not say that a secret was there", text)
		}
	}
	if s.Reveal() != "hunter2" {
		t.Errorf("Reveal() = %q", s.Reveal())
	}
}

func TestEqual(t *testing.T) {
	if !New("a").Equal(New("a")) || New("a").Equal(New("b")) || New("a").Equal(Secret{}) || !new(Secret).Empty() {
		t.Error("Equal or Empty is wrong")
	}
}

func TestMaskerKnowsTheFormsOfSASL(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString
	m := NewMasker(New(`pa"ss\w`), Secret{})
	tests := []struct{ line, want string }{
		{`PASS pa"ss\w`, "PASS [secret]"},
		{`a1 LOGIN alice "pa\"ss\\w"`, `a1 LOGIN alice "[secret]"`},
		{"AUTH PLAIN " + b64([]byte("\x00alice\x00"+`pa"ss\w`)), "AUTH PLAIN [secret]"},
		{b64([]byte(`pa"ss\w`)), "[secret]"},
		{strings.TrimRight(b64([]byte(`pa"ss\w`)), "="), "[secret]"},
		{"250-AUTH PLAIN LOGIN", "250-AUTH PLAIN LOGIN"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := m.Mask(tt.line); got != tt.want {
			t.Errorf("Mask(%q) = %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestMaskerWithoutSecretsChangesNothing(t *testing.T) {
	for _, m := range []*Masker{nil, {}, NewMasker(Secret{})} {
		if got := m.Mask("AUTH PLAIN AGFsaWNlAHB3"); got != "AUTH PLAIN AGFsaWNlAHB3" {
			t.Errorf("Mask changed the line to %q", got)
		}
	}
}

func TestMaskerLeavesNoSecretInAnyLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.StringMatching(`[ -~]{6,20}`).Draw(t, "password")
		user := rapid.StringMatching(`[a-z@.]{0,20}`).Draw(t, "user")
		before := rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "before")
		plain := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
		got := NewMasker(New(password)).Mask(before + " " + password + " " + plain)
		if strings.Contains(got, password) || strings.Contains(got, plain) {
			t.Fatalf("the secret %q is left in %q", password, got)
		}
	})
}

func FuzzMask(f *testing.F) {
	f.Add("secret", "AUTH PLAIN AHUAc2VjcmV0")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, password, line string) {
		got := NewMasker(New(password)).Mask(line)
		// A secret that is a part of the mask itself can't be told from it.
		if password != "" && strings.Contains(strings.ReplaceAll(got, Mask, "\x00"), password) && !strings.Contains(Mask, password) && !strings.Contains(password, "\x00") {
			t.Errorf("Mask(%q) leaves %q: %q", line, password, got)
		}
	})
}
