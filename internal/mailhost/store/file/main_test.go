package file

import (
	"testing"

	"postern/internal/lab/leakcheck"
)

func TestMain(m *testing.M) { leakcheck.Main(m) }
