//go:build !linux

package main

import "github.com/spf13/cobra"

// hostCommands is empty here: the mail host runs on Linux.
func hostCommands() []*cobra.Command { return nil }
