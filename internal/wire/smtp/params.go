package smtp

import (
	"strconv"
	"strings"
)

// maxParams bounds the parameters of one command; no client sends more than a
// handful.
const maxParams = 16

// param is one "KEYWORD=value" behind a path (RFC 5321 §4.1.2).
type param struct {
	// Keyword is in upper case.
	Keyword string
	// Value is empty when there is none.
	Value string
}

func parseParams(s string) ([]param, error) {
	if s != "" && s[0] != ' ' {
		return nil, badParameter("Only a space may follow the address")
	}
	fields := strings.Fields(s)
	if len(fields) > maxParams {
		return nil, badParameter("Too many parameters")
	}
	params := make([]param, 0, len(fields))
	for _, field := range fields {
		keyword, value, hasValue := strings.Cut(field, "=")
		if !isKeyword(keyword) || hasValue && value == "" {
			return nil, badParameter("Parameters need the form KEYWORD=value")
		}
		params = append(params, param{strings.ToUpper(keyword), value})
	}
	return params, nil
}

// set stores one parameter of MAIL.
func (m *Mail) set(p param) error {
	switch p.Keyword {
	case "SIZE":
		// RFC 1870 §3: up to 20 digits. What does not fit is too large anyway.
		size, err := strconv.ParseInt(p.Value, 10, 64)
		switch {
		case err != nil && isDigits(p.Value) && len(p.Value) <= 20:
			size = 1<<63 - 1
		case err != nil || !isDigits(p.Value):
			return badParameter("SIZE needs a number of octets")
		}
		m.Size = size
	case "BODY":
		m.Body = Body(strings.ToUpper(p.Value))
		if m.Body != Body7Bit && m.Body != Body8BitMIME {
			return badParameter("BODY is 7BIT or 8BITMIME here")
		}
	case "AUTH":
		auth, ok := decodeXtext(p.Value)
		if !ok {
			return badParameter("AUTH needs an address in xtext")
		}
		m.Auth = auth
	default:
		return unknownParameter("MAIL", p.Keyword)
	}
	return nil
}

// decodeXtext reads RFC 3461 §4: "+" and two upper-case hexadecimal digits
// stand for a character.
func decodeXtext(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' {
			if i+2 >= len(s) {
				return "", false
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			c, i = byte(n), i+2
		}
		b.WriteByte(c)
	}
	return b.String(), s != ""
}

func isKeyword(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && (s[i] != '-' || i == 0) {
			return false
		}
	}
	return s != ""
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func unknownParameter(verb, keyword string) error {
	return &SyntaxError{NewReply(555, Enhanced{5, 5, 4}, verb+" parameter "+keyword+" is not known here")}
}
