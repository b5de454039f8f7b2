package config

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The methods below each read one kind of value, if it is there, and note what
// is wrong with it.

func (b *builder) number(key string, from *int64, to *int, least int64) {
	switch {
	case from == nil:
	case *from < least || *from > math.MaxInt32:
		b.wrong(key, *from)
	default:
		*to = int(*from)
	}
}

func (b *builder) path(key string, from *string, to *string) {
	switch {
	case from == nil:
	case *from == "":
		b.wrong(key, quote(*from))
	case filepath.IsAbs(*from):
		*to = filepath.Clean(*from)
	default:
		*to = filepath.Join(b.dir, *from)
	}
}

func (b *builder) requiredPath(key string, from *string, to *string) {
	if from == nil {
		b.missingOrWrong(key, nil)
		return
	}
	b.path(key, from, to)
}

// missingOrWrong is for a key that has to be there.
func (b *builder) missingOrWrong(key string, got *int64) {
	if got != nil {
		b.wrong(key, *got)
		return
	}
	b.problem(key, "is missing; expected %s", wanted(strings.Split(withoutIndex(key), ".")))
}

func (b *builder) choice(key string, from *string, to *string, choices ...string) {
	choose(b, key, from, to, choices...)
}

// choose reads one word of a few. Where to has no value yet, the key is
// required.
func choose[T ~string](b *builder, key string, from *string, to *T, choices ...T) {
	switch {
	case from == nil && *to == "":
		b.missingOrWrong(key, nil)
	case from == nil:
	case !slices.Contains(choices, T(*from)):
		b.wrong(key, quote(*from))
	default:
		*to = T(*from)
	}
}

func (b *builder) duration(key string, from *string, to *time.Duration) {
	if from == nil {
		return
	}
	d, err := parseDuration(*from)
	if err != nil || d < time.Second {
		b.wrong(key, quote(*from))
		return
	}
	*to = d
}

// parseDuration reads what time.ParseDuration does, and days: "30d".
func parseDuration(s string) (time.Duration, error) {
	days, ok := strings.CutSuffix(s, "d")
	if !ok {
		return time.ParseDuration(s)
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of days", days)
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

func (b *builder) size(key string, from *string, to *int64, least int64) {
	if from == nil {
		return
	}
	n, ok := parseSize(*from)
	if !ok || n < least {
		b.wrong(key, quote(*from))
		return
	}
	*to = n
}

// parseSize reads "50 MB", "64KB", "1 GB" or a plain number of bytes. A KB has
// 1024 bytes, as people mean it who limit mail.
func parseSize(s string) (int64, bool) {
	unit := int64(1)
	for suffix, factor := range map[string]int64{"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = strings.TrimSpace(rest), factor
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}

func quote(s string) string { return strconv.Quote(s) }
