package doctor

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/internal/doctor/discover"
	"postern/internal/doctor/evidence"
	"postern/internal/doctor/probe"
)

func TestUserNames(t *testing.T) {
	as := func(name string, form evidence.UserForm) probe.User { return probe.User{Name: name, Form: form} }
	for _, c := range []struct {
		target, typed string
		want          []probe.User
	}{
		{"alice@example.com", "", []probe.User{as("alice@example.com", evidence.UserAddress), as("alice", evidence.UserLocalPart)}},
		{"alice@example.com", "alice@example.com", []probe.User{as("alice@example.com", evidence.UserAddress), as("alice", evidence.UserLocalPart)}},
		{"alice@example.com", "al", []probe.User{as("al", evidence.UserAsTyped), as("al@example.com", evidence.UserAddress)}},
		{"example.com", "al", []probe.User{as("al", evidence.UserAsTyped), as("al@example.com", evidence.UserAddress)}},
		{"mail.example.com", "al", []probe.User{as("al", evidence.UserAsTyped)}},
		{"mail.example.com:993", "al@example.com", []probe.User{as("al@example.com", evidence.UserAsTyped), as("al", evidence.UserLocalPart)}},
		{"mail.example.com", "", nil},
	} {
		target, err := discover.ParseTarget(c.target)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, userNames(target, c.typed)); diff != "" {
			t.Errorf("%s as %q: %s", c.target, c.typed, diff)
		}
	}
}
