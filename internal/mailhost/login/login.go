// Package login is the one way to log in, for SMTP, POP3 and IMAP alike: the
// guard is asked, the directory verifies, the attempt is kept. What a client is
// told when it fails names the session, so that the line in a mail program and
// the line in the log can be joined.
//
// It never says whether the name or the password was wrong, and never lets a
// password cross an unencrypted connection.
//
// RFC 4954 (SMTP AUTH), RFC 5034 and RFC 1939 (POP3), RFC 3501 §6.2 (IMAP).
package login
