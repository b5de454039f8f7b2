// Package interop holds no code. Its tests run Debian's mail programs and other
// people's libraries against the built server, as their users do: they send,
// fetch and synchronise mail over every port and security, and compare what
// arrived byte for byte. They also record what these programs show their user
// after each wrong first step, in docs/clients.md.
//
// The tests judge nothing but what comes over sockets and out of programs; they
// import no part of the server.
package interop
