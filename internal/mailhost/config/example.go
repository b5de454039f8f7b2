package config

import _ "embed"

// Example is a commented configuration with every key and its default.
//
//go:embed example.toml
var Example string
