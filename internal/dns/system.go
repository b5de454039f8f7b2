package dns

// System returns the resolver that programs on this machine use: its hosts file
// and the servers that its configuration names.
func System() (Resolver, error) { return system() }
