package imapd

// namespace answers NAMESPACE, RFC 2342: all mailboxes are the account's own,
// and their names have no prefix.
func (s *session) namespace() (string, error) {
	s.printf("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n")
	return "", nil
}
