//go:build !unix

package dns

func system() (Resolver, error) { return new(standard), nil }
