package imap

import (
	"strconv"

	"postern/internal/wire/message"
)

// AppendStructure prints a part tree as FETCH BODY wants it or, with the
// extension data, as FETCH BODYSTRUCTURE does, RFC 3501 §7.4.2.
func AppendStructure(dst []byte, p *message.Part, extended bool) []byte {
	dst = append(dst, '(')
	if len(p.Parts) > 0 {
		for _, part := range p.Parts {
			dst = AppendStructure(dst, part, extended)
		}
		dst = append(dst, ' ')
		dst = appendText(dst, p.Subtype)
		if extended {
			dst = append(dst, ' ')
			dst = appendParams(dst, p.Params)
		}
	} else {
		dst = appendLeaf(dst, p, extended)
	}
	if extended {
		dst = appendExtension(dst, p)
	}
	return append(dst, ')')
}

// appendLeaf prints what BODY says of a part that is no multipart.
func appendLeaf(dst []byte, p *message.Part, extended bool) []byte {
	dst = appendText(dst, p.Type)
	dst = append(dst, ' ')
	dst = appendText(dst, p.Subtype)
	dst = append(dst, ' ')
	dst = appendParams(dst, p.Params)
	dst = append(dst, ' ')
	dst = appendNText(dst, p.ID)
	dst = append(dst, ' ')
	dst = appendNText(dst, p.Description)
	dst = append(dst, ' ')
	dst = appendText(dst, p.Encoding)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, p.End-p.BodyStart, 10)
	isMessage := p.Message != nil && p.Subtype == "rfc822" // message/global is an opaque type here
	if isMessage {
		dst = append(dst, ' ')
		dst = AppendEnvelope(dst, p.Message.Envelope)
		dst = append(dst, ' ')
		dst = AppendStructure(dst, p.Message, extended)
	}
	if isMessage || p.Type == "text" {
		dst = append(dst, ' ')
		dst = strconv.AppendInt(dst, p.Lines, 10)
	}
	if extended {
		dst = append(dst, ' ')
		dst = appendNText(dst, p.MD5)
	}
	return dst
}

// appendExtension prints the extension data that every part ends with.
func appendExtension(dst []byte, p *message.Part) []byte {
	dst = append(dst, ' ')
	if p.Disposition == "" {
		dst = append(dst, "NIL"...)
	} else {
		dst = append(dst, '(')
		dst = appendText(dst, p.Disposition)
		dst = append(dst, ' ')
		dst = appendParams(dst, p.DispositionParams)
		dst = append(dst, ')')
	}
	dst = append(dst, ' ')
	dst = appendLanguages(dst, p.Language)
	dst = append(dst, ' ')
	return appendNText(dst, p.Location)
}

func appendParams(dst []byte, params []message.Param) []byte {
	if len(params) == 0 {
		return append(dst, "NIL"...)
	}
	dst = append(dst, '(')
	for i, param := range params {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendText(dst, param.Name)
		dst = append(dst, ' ')
		dst = appendText(dst, param.Value)
	}
	return append(dst, ')')
}

func appendLanguages(dst []byte, languages []string) []byte {
	if len(languages) == 0 {
		return append(dst, "NIL"...)
	}
	dst = append(dst, '(')
	for i, language := range languages {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendText(dst, language)
	}
	return append(dst, ')')
}
