// Package crash holds no code, only the proof that the server keeps its word:
// it is killed at random moments under load, over and over, and every message
// that it has answered with 250, OK or +OK must be there afterwards, byte for
// byte and once.
//
// The server is a child process and is spoken to over its sockets only. The
// death of a process shows nothing of fsync; package store cuts the power for
// that.
package crash
