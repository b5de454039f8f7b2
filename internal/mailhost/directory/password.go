package directory

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// A hash is argon2id in the usual text form (RFC 9106):
//
//	$argon2id$v=19$m=19456,t=2,p=1$SALT$KEY
//
// with salt and key in base64 without padding.
type hash struct {
	memory, time uint32 // KiB, passes
	threads      uint8
	salt, key    []byte
}

// What new hashes are made with. Others are verified as they say themselves.
const (
	hashMemory  = 19 << 10
	hashTime    = 2
	hashThreads = 1
	hashSalt    = 16
	hashKey     = 32
)

const hashFormat = "$argon2id$v=19$m=%d,t=%d,p=%d$%s"

func hashPassword(password string, random io.Reader) (string, error) {
	h := hash{memory: hashMemory, time: hashTime, threads: hashThreads, salt: make([]byte, hashSalt)}
	if _, err := io.ReadFull(random, h.salt); err != nil {
		return "", err
	}
	h.key = h.compute(password, hashKey)
	return h.String(), nil
}

func (h hash) compute(password string, size int) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(size))
}

func (h hash) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf(hashFormat, h.memory, h.time, h.threads, enc.EncodeToString(h.salt)+"$"+enc.EncodeToString(h.key))
}

// parseHash reads what String wrote.
func parseHash(text string) (hash, error) {
	var h hash
	var rest string
	if _, err := fmt.Sscanf(text, hashFormat, &h.memory, &h.time, &h.threads, &rest); err != nil {
		return hash{}, fmt.Errorf("stored password: %w", err)
	}
	salt, key, _ := strings.Cut(rest, "$")
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(salt); err != nil {
		return hash{}, fmt.Errorf("stored password: salt: %w", err)
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(key); err != nil {
		return hash{}, fmt.Errorf("stored password: key: %w", err)
	}
	if len(h.key) < 16 || h.time == 0 || h.threads == 0 || h.memory > 1<<20 {
		return hash{}, fmt.Errorf("stored password: unusable argon2id parameters")
	}
	return h, nil
}

// verifyPassword reports whether a stored hash is that of a password.
func verifyPassword(stored, password string) (bool, error) {
	h, err := parseHash(stored)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(h.key, h.compute(password, len(h.key))) == 1, nil
}
