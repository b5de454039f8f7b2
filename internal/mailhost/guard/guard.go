// Package guard decides who may talk to the server and who may try a password:
// limits on connections in all and per address, bans, and what follows failed
// logins per address, network and account: first slower, then refused for a
// while.
//
// Its counts are bounded in memory and forgotten with time. It never sees a
// password and never closes a connection itself.
//
// RFC 4954 §9 and RFC 9051 §11.1 ask servers to slow guessing down.
package guard
