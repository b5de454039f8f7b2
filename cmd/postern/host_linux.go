package main

import "github.com/spf13/cobra"

// hostCommands serve and manage mail.
func hostCommands() []*cobra.Command {
	return []*cobra.Command{}
}
