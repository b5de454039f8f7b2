package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"
)

// Load reads a configuration file. The error names every mistake in it.
func Load(file string) (*Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("can't read the configuration: %w; `postern config example` prints one to start from", err)
	}
	return Read(file, text)
}

// Read reads the text of a configuration. The file's name is for errors, and
// relative paths are taken from its directory.
func Read(file string, text []byte) (*Config, error) {
	var doc document
	if err := decode(file, text, &doc); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	b := &builder{file: file, dir: filepath.Dir(abs), lines: lineIndex(text)}
	c := b.config(&doc)
	c.File = file
	if err := b.err(); err != nil {
		return nil, err
	}
	return &c, nil
}

// decode fills doc and turns the library's errors into ours.
func decode(file string, text []byte, doc *document) error {
	dec := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	err := dec.Decode(doc)
	var missing *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		var all []error
		for i := range missing.Errors {
			all = append(all, unknownKey(file, &missing.Errors[i]))
		}
		return errors.Join(all...)
	case errors.As(err, &wrong):
		row, _ := wrong.Position()
		if want := wanted(wrong.Key()); want != "" {
			return fmt.Errorf("%s:%d: %s: expected %s", file, row, name(wrong.Key()), want)
		}
		return fmt.Errorf("%s:%d: not TOML: %w", file, row, wrong)
	default:
		return fmt.Errorf("%s: %w", file, err)
	}
}

func unknownKey(file string, e *toml.DecodeError) error {
	row, _ := e.Position()
	return fmt.Errorf("%s:%d: unknown key %s; expected one of %s", file, row, name(e.Key()), known(e.Key()))
}
