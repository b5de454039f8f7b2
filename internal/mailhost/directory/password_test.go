package directory

import (
	"strings"
	"testing"
)

// The hash was made by the reference implementation's command-line tool:
// echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1
const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func TestHashIsTheOneOthersUse(t *testing.T) {
	if ok, err := verifyPassword(reference, "password"); err != nil || !ok {
		t.Errorf("the reference hash does not verify: %v, %v", ok, err)
	}
	if ok, err := verifyPassword(reference, "Password"); err != nil || ok {
		t.Errorf("the reference hash verifies another password: %v, %v", ok, err)
	}
	made, err := hashPassword("x", strings.NewReader(strings.Repeat("s", 16)))
	if err != nil || !strings.HasPrefix(made, "$argon2id$v=19$m=19456,t=2,p=1$c3Nz") {
		t.Errorf("a new hash is %s, %v", made, err)
	}
	if ok, err := verifyPassword(made, "x"); err != nil || !ok {
		t.Errorf("a new hash does not verify: %v, %v", ok, err)
	}
}

func TestBadHashIsAnError(t *testing.T) {
	for _, bad := range []string{
		"", "x", "$argon2id$", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$AAAA",
		"$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=65536,t=2,p=1$!$AAAA",
	} {
		if ok, err := verifyPassword(bad, "password"); err == nil {
			t.Errorf("%q: %v without an error", bad, ok)
		}
	}
}
