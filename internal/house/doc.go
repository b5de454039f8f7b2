// Package house holds no code. Its tests are the house rules: which package
// may import which, that every package says what it is for, and that nothing
// a test run wrote carries a password. They read the whole module, so they
// belong to no wing.
package house
