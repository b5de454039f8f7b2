// Package delivery decides what becomes of a message: whose it may claim to be,
// who gets it, and what trace it carries; then it hands the message to the
// store.
//
// What is stored is a Return-Path, a Received field, and exactly the bytes that
// were submitted. The package never changes a byte of those, never speaks a
// protocol, and never sends anything to another server: mail for other domains
// is refused, with a reason that says so. Its errors are *fault.Error.
//
// RFC 5321 §4.4 (trace), §6.3 (loops) and §4.5.1 (postmaster), RFC 3848
// (protocol names), RFC 6409 §6.1 (a submitter's own address), RFC 8314 §4.3
// (the tls clause).
package delivery

import (
	"context"
	"net/netip"

	"postern/internal/fault"
	"postern/internal/mailhost/directory"
	"postern/internal/mailhost/store"
)

// Directory answers what delivery asks about addresses. *directory.Directory
// is one.
type Directory interface {
	Resolve(ctx context.Context, address string) (directory.Recipient, error)
	Owns(ctx context.Context, account store.AccountID, address string) (bool, error)
	Local(ctx context.Context, domain string) (bool, error)
}

// Store takes messages. *store.Store is one.
type Store interface {
	Stage(ctx context.Context) (*store.Staging, error)
	Deliver(ctx context.Context, lane store.Lane, body *store.Body, to []store.Delivery) ([]store.Placed, error)
}

// Options is what a Delivery needs.
type Options struct {
	// Hostname is the name of this server in the trace.
	Hostname  string
	Directory Directory
	Store     Store
	// Postmaster is the address that gets the mail for the postmaster of this
	// server and of every domain that has no such account; "" is nobody.
	Postmaster string
}

// Delivery decides and delivers. Its methods may be called from many
// goroutines.
type Delivery struct {
	hostname   string
	directory  Directory
	store      Store
	postmaster string
}

// New returns a Delivery.
func New(o Options) *Delivery {
	return &Delivery{o.Hostname, o.Directory, o.Store, o.Postmaster}
}

// Client is who hands a message over.
type Client struct {
	Session string
	Address netip.Addr
	// Hello is the name given in EHLO or HELO, Extended whether it was EHLO.
	Hello    string
	Extended bool
	// TLS and Cipher name the encryption, such as "TLS 1.3" and
	// "TLS_AES_128_GCM_SHA256"; both are "" without.
	TLS, Cipher string
	// Submission says that the port is for people who send, not for servers.
	Submission bool
	// Account is who has logged in; nil is nobody.
	Account *directory.Account
}

// broken is the error for a failure of our own, which may pass. It leaves the
// words for the client to the cause: a full disk is another reason to come back
// than a busy store.
func broken(op, object string, err error) *fault.Error {
	return &fault.Error{Op: op, Object: object, Temporary: true, Err: err}
}
