package imapd

// noop answers NOOP and CHECK, RFC 3501 §6.1.2 and §6.4.1: what is new is told
// after every command, and every change is durable when it is acknowledged.
func (s *session) noop() (string, error) { return "", nil }
