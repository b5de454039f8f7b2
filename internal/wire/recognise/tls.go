package recognise

// The content types of TLS records, and the messages of a handshake that come
// first (RFC 8446 §5.1 and §4).
const (
	contentChangeCipher = 0x14
	contentAlert        = 0x15
	contentHandshake    = 0x16
	contentData         = 0x17

	clientHello = 1
	serverHello = 2
)

// tlsRecord recognises a TLS record, also the ClientHello in the form of SSL
// 2.0 with which some old programs still begin.
func tlsRecord(b []byte) (Guess, bool) {
	if isSSL2Hello(b) {
		return Guess{Protocol: TLS, Kind: ClientHello}, true
	}
	if b[0] < contentChangeCipher || b[0] > contentData || len(b) > 1 && b[1] != 3 || len(b) > 2 && b[2] > 4 {
		return Guess{}, false
	}
	g := Guess{Protocol: TLS}
	switch {
	case b[0] == contentHandshake && len(b) > 5 && b[5] == clientHello:
		g.Kind = ClientHello
	case b[0] == contentHandshake && len(b) > 5 && b[5] == serverHello:
		g.Kind = ServerHello
	case b[0] == contentAlert:
		g.Kind = Alert
		// An alert in the clear is two bytes long: level and description.
		if len(b) > 6 && b[3] == 0 && b[4] == 2 {
			g.Alert = b[6]
		}
	}
	return g, true
}

// isSSL2Hello reports a ClientHello of RFC 5246 appendix E.2: a length with
// the high bit set, the message type, and a version of 2.0 or 3.x.
func isSSL2Hello(b []byte) bool {
	return len(b) >= 5 && b[0]&0x80 != 0 && b[2] == clientHello &&
		(b[3] == 3 && b[4] <= 4 || b[3] == 0 && b[4] == 2)
}
