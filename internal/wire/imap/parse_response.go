package imap

import (
	"bytes"
	"strconv"
	"strings"
)

// What a response may hold; what goes beyond is left out.
const (
	maxValueDepth = 100
	maxValues     = 1 << 20
)

// ParseResponse reads one response, in which its literals stand, as far as it
// can be understood.
func ParseResponse(raw []byte) *Response {
	r := &Response{Raw: raw}
	line := bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	v := &valueParser{rest: line, values: maxValues}
	if string(line) == "+" || bytes.HasPrefix(line, []byte("+ ")) {
		v.take('+')
		v.take(' ')
		r.Tag = "+"
		r.status(v)
		return r
	}
	tag, rest, _ := bytes.Cut(line, []byte(" "))
	v.rest = rest
	word := strings.ToUpper(v.word())
	cond := Condition(word)
	switch {
	case isCondition(cond) && isTag(tag):
		v.take(' ')
		r.Tag, r.Cond = string(tag), cond
		r.status(v)
	case string(tag) == "*" && word != "":
		r.Tag = "*"
		r.data(word, v)
	}
	return r
}

// isTag accepts any word, because servers are known to answer with tags that
// no client sent; but no line that merely looks like an answer.
func isTag(tag []byte) bool {
	return len(tag) > 0 && (string(tag) == "*" || !bytes.ContainsAny(tag, "*+(){%\"\\"))
}

// status reads the response code and the text.
func (r *Response) status(v *valueParser) {
	text := v.rest
	if v.take('[') {
		name := strings.ToUpper(v.word())
		data := v.list(']', 0)
		if v.take(']') && name != "" {
			r.Code = Code{name, data}
			v.take(' ')
			text = v.rest
		}
	}
	r.Text = string(text)
}

// data reads an untagged response that states no condition.
func (r *Response) data(word string, v *valueParser) {
	if n, err := strconv.ParseUint(word, 10, 32); err == nil {
		r.Number = uint32(n)
		v.take(' ')
		word = strings.ToUpper(v.word())
	}
	r.Name = word
	r.Data = v.list(0, 0)
}

// valueParser reads the data of a response. It takes what it finds: where the
// grammar is hurt it goes on behind the octet that hurt it.
type valueParser struct {
	rest   []byte
	values int // that may still be taken
}

func (v *valueParser) take(c byte) bool {
	if len(v.rest) == 0 || v.rest[0] != c {
		return false
	}
	v.rest = v.rest[1:]
	return true
}

// word reads up to a space or the end of a response code.
func (v *valueParser) word() string {
	n := bytes.IndexAny(v.rest, " ]\r\n")
	if n < 0 {
		n = len(v.rest)
	}
	word := v.rest[:n]
	v.rest = v.rest[n:]
	return string(word)
}

// list reads values up to the octet that ends them, which is left; end is 0
// for the end of the response.
func (v *valueParser) list(end byte, depth int) []Value {
	values := []Value{}
	for len(v.rest) > 0 && v.values > 0 {
		switch c := v.rest[0]; {
		case c == end && end != 0:
			return values
		case c == ' ' || c == ')':
			v.rest = v.rest[1:]
			continue
		case depth == maxValueDepth:
			v.rest = nil
			return values
		}
		v.values--
		values = append(values, v.value(end, depth))
	}
	return values
}

func (v *valueParser) value(end byte, depth int) Value {
	switch v.rest[0] {
	case '(':
		v.take('(')
		list := v.list(')', depth+1)
		v.take(')')
		return Value{Kind: ListValue, List: list}
	case '"':
		return v.quoted()
	case '{':
		if literal, ok := v.literal(); ok {
			return literal
		}
	}
	atom := v.atom(end)
	if strings.EqualFold(atom, "NIL") {
		return Value{Kind: NilValue}
	}
	return Value{Kind: AtomValue, Text: atom}
}

func (v *valueParser) quoted() Value {
	var text []byte
	for i := 1; i < len(v.rest); i++ {
		switch c := v.rest[i]; {
		case c == '"':
			v.rest = v.rest[i+1:]
			return Value{Kind: StringValue, Text: string(text)}
		case c == '\\' && i+1 < len(v.rest):
			i++
			text = append(text, v.rest[i])
		default:
			text = append(text, c)
		}
	}
	v.rest = nil
	return Value{Kind: StringValue, Text: string(text)}
}

func (v *valueParser) literal() (Value, bool) {
	header, body, ok := bytes.Cut(v.rest, []byte("\n"))
	size, _, announced := literalAtEnd(bytes.TrimSuffix(header, []byte("\r")))
	if !ok || !announced || size > int64(len(body)) {
		return Value{}, false
	}
	v.rest = body[size:]
	return Value{Kind: StringValue, Text: string(body[:size])}, true
}

// atom reads at least one octet. What stands in brackets belongs to the atom,
// spaces and all: BODY[HEADER.FIELDS (To)]<0>.
func (v *valueParser) atom(end byte) string {
	n, brackets := 0, 0
scan:
	for ; n < len(v.rest); n++ {
		switch c := v.rest[n]; {
		case c == '[':
			brackets++
		case c == ']' && brackets > 0:
			brackets--
		case brackets > 0 || n == 0:
		case c == ' ' || c == '(' || c == ')' || c == '"' || c == end && end != 0:
			break scan
		}
	}
	atom := v.rest[:n]
	v.rest = v.rest[n:]
	return string(atom)
}
