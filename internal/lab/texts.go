package lab

import "postern/internal/wire/ports"

// texts are words that real servers say, so that no rule can learn one server's.
var texts = map[ports.Protocol]struct{ banners, rejections []string }{
	ports.IMAP: {
		banners: []string{
			"Dovecot ready.", "{host} Cyrus IMAP 3.6.1 server ready", "IMAP4 service is ready.",
			"Courier-IMAP ready.", "{host} at your service",
		},
		rejections: []string{
			"Authentication failed.", "Login failed: authentication failure", "LOGIN failed.",
			"Invalid login or password", "Invalid credentials",
		},
	},
	ports.POP3: {
		banners: []string{
			"Dovecot ready.", "POP3 {host} server ready", "Hello there.", "{host} Cyrus POP3 server ready",
		},
		rejections: []string{
			"Authentication failed.", "Login failed.", "Invalid user name or password.", "authentication failed",
		},
	},
	ports.SMTP: {
		banners: []string{
			"{host} ESMTP Postfix", "{host} ESMTP Exim 4.96", "{host} ESMTP ready", "{host} ESMTP Sendmail 8.17.1",
		},
		rejections: []string{
			"5.7.8 Error: authentication failed: UGFzc3dvcmQ6", "5.7.8 Authentication credentials invalid",
			"Incorrect authentication data", "5.7.8 Error: authentication failed: authentication failure",
		},
	},
}

// busy is what servers greet with that take nobody now.
var busy = map[ports.Protocol][]string{
	ports.IMAP: {
		"* BYE Too many connections, try again later.",
		"* BYE [UNAVAILABLE] Server is down for maintenance",
		"* BYE Maximum number of connections from your address exceeded",
	},
	ports.POP3: {
		"-ERR [SYS/TEMP] Server is busy, try again later",
		"-ERR Too many connections",
		"-ERR [SYS/TEMP] Maintenance in progress",
	},
	ports.SMTP: {
		"421 4.7.0 {host} Error: too many connections from your address",
		"421 4.3.2 {host} Service not available, closing transmission channel",
		"421 {host}: Too many concurrent SMTP connections; please try again later.",
	},
}

// refusals are answers to a STARTTLS that the server offered and can't do.
var refusals = map[ports.Protocol][]string{
	ports.IMAP: {"{tag} NO TLS is not available", "{tag} NO [UNAVAILABLE] TLS initialization failed."},
	ports.POP3: {"-ERR TLS is not available", "-ERR [SYS/TEMP] TLS initialization failed."},
	ports.SMTP: {"454 4.7.0 TLS not available due to local problem", "454 TLS currently unavailable"},
}

// locks are answers to a login at a POP3 mailbox that another session holds (RFC 2449 §8.1.1).
var locks = []string{
	"-ERR [IN-USE] Couldn't lock your mailbox",
	"-ERR [IN-USE] Mailbox is locked by another POP3 session.",
	"-ERR [IN-USE] Unable to lock maildrop: Mailbox is locked by POP server",
}
