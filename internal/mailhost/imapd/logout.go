package imapd

// logout answers LOGOUT, RFC 3501 §6.1.3.
func (s *session) logout(tag string) (string, error) {
	s.printf("* BYE goodbye\r\n%s OK LOGOUT completed\r\n", tag)
	return "", &ending{}
}
