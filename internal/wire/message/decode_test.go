package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/transform"
)

func decodeBody(t testing.TB, encoding, body string) string {
	t.Helper()
	var d transform.Transformer = quotedPrintableDecoder{}
	if encoding == "base64" {
		d = &base64Decoder{}
	}
	whole := readAll(t, transform.NewReader(strings.NewReader(body), d))
	// However the source hands out its bytes, the result is the same.
	if slow := readAll(t, transform.NewReader(iotest.OneByteReader(strings.NewReader(body)), d)); slow != whole {
		t.Errorf("%s of %.60q depends on the reads: %.60q and %.60q", encoding, body, whole, slow)
	}
	return whole
}

func TestDecodeBody(t *testing.T) {
	tests := []struct{ encoding, in, want string }{
		{"base64", "SGVsbG8=", "Hello"},
		{"base64", "SGVs\r\nbG8=\r\n", "Hello"},
		{"base64", "SGVsbG8", "Hello"},
		{"base64", "SGVsbG8=IFdvcmxk", "Hello World"},
		{"base64", "S-G*V s bG8!!=", "Hello"},
		{"base64", "====", ""},
		{"base64", "A", ""},
		{"quoted-printable", "a=3Db=c3=BC", "a=bü"},
		{"quoted-printable", "soft =\r\nbreak=\nhere", "soft breakhere"},
		{"quoted-printable", "trailing \t \r\nspace  \nand\t", "trailing\r\nspace\nand"},
		{"quoted-printable", "soft with padding= \t\r\nend", "soft with paddingend"},
		{"quoted-printable", "a = b =XY =4", "a = b =XY =4"},
		{"quoted-printable", "ends in =", "ends in "},
		{"quoted-printable", "a \rb", "a \rb"},
		{"quoted-printable", strings.Repeat(" ", 3*maxPadding) + "\r\n", strings.Repeat(" ", 2*maxPadding) + strings.Repeat(" ", maxPadding) + "\r\n"},
	}
	for _, tt := range tests {
		if got := decodeBody(t, tt.encoding, tt.in); got != tt.want {
			t.Errorf("%s of %.60q = %.60q, want %.60q", tt.encoding, tt.in, got, tt.want)
		}
	}
}

// What the standard library encodes is decoded to what it was.
func TestDecodeWhatOthersEncode(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 20_000)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	var out bytes.Buffer
	q := quotedprintable.NewWriter(&out)
	q.Binary = true
	q.Write(data)
	q.Close()
	if got := decodeBody(t, "quoted-printable", out.String()); got != string(data) {
		t.Error("quoted-printable of random bytes comes back changed")
	}
	if got := decodeBody(t, "base64", base64.StdEncoding.EncodeToString(data)); got != string(data) {
		t.Error("base64 of random bytes comes back changed")
	}
}

// Whatever the charset is called and whatever the bytes are, there is text.
func TestCharsetsNeverFail(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, 10_000)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	for _, charset := range []string{
		"", "us-ascii", "utf-8", "utf-7", "utf-16", "utf-16le", "utf-16be", "utf-32", "iso-8859-1", "iso-8859-15", "iso-8859-8-i",
		"windows-1250", "koi8-r", "koi8-u", "macintosh", "ibm850", "cp437", "big5", "gb2312", "gbk", "gb18030", "hz-gb-2312",
		"euc-jp", "iso-2022-jp", "shift_jis", "euc-kr", "iso-2022-kr", "ks_c_5601-1987", "x-user-defined", "no such", "\"quoted\"",
	} {
		r := transform.NewReader(bytes.NewReader(data), charsetDecoder(charset))
		if text, err := io.ReadAll(r); err != nil || len(text) == 0 {
			t.Errorf("charset %q: %d bytes of text, %v", charset, len(text), err)
		}
	}
}

func TestContentReportsTheSourcesError(t *testing.T) {
	data := []byte("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n")
	root := mustParse(t, data)
	_, err := io.ReadAll(root.Text(failingReaderAt{}))
	if !errors.Is(err, errDisk) {
		t.Errorf("error %v, want %v", err, errDisk)
	}
	if _, err := Parse(failingReaderAt{}, 100); !errors.Is(err, errDisk) {
		t.Errorf("Parse: error %v, want %v", err, errDisk)
	}
	if _, err := Signature(failingReaderAt{}, root); !errors.Is(err, errDisk) {
		t.Errorf("Signature: error %v, want %v", err, errDisk)
	}
	if _, err := NewNeedle("x").MatchText(failingReaderAt{}, root); !errors.Is(err, errDisk) {
		t.Errorf("MatchText: error %v, want %v", err, errDisk)
	}
}

var errDisk = errors.New("broken disk")

type failingReaderAt struct{}

func (failingReaderAt) ReadAt([]byte, int64) (int, error) { return 0, errDisk }
