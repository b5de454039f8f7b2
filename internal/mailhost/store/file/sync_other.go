//go:build !linux

package file

import "os"

func dataSync(f *os.File) error { return f.Sync() }
