package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/guard"
)

// The operations of version 1: POST to the path, one JSON object as the request,
// JSON lines as the answer. Each line is a line[T]: items first, then one that
// says done, or one that says what went wrong. An answer that ends without
// either was cut.
const (
	pathDomainAdd     = "/v1/domain/add"
	pathDomainList    = "/v1/domain/list"
	pathDomainRemove  = "/v1/domain/remove"
	pathAccountAdd    = "/v1/account/add"
	pathAccountList   = "/v1/account/list"
	pathAccountPasswd = "/v1/account/passwd"
	pathAccountRemove = "/v1/account/remove"
	pathBanAdd        = "/v1/ban/add"
	pathBanList       = "/v1/ban/list"
	pathBanRemove     = "/v1/ban/remove"
	pathAttempts      = "/v1/attempts"
	pathReload        = "/v1/reload"
	pathStatus        = "/v1/status"
)

// The requests.
type (
	nothing struct{}
	named   struct {
		Name string `json:"name"` // of a domain, an account or who is banned
	}
	// credentials has the password as it is: the socket is the server's own.
	credentials struct {
		Address  string `json:"address"`
		Password string `json:"password"`
	}
	banRequest     struct{ guard.Ban }
	attemptRequest struct{ activity.Filter }
)

// line is one line of an answer.
type line[T any] struct {
	Item  *T     `json:"item,omitempty"`
	Error string `json:"error,omitempty"`
	Done  bool   `json:"done,omitempty"`
}

// maxRequest bounds what a command may send.
const maxRequest = 64 << 10

// writeAnswer sends items, or err.
func writeAnswer[T any](w http.ResponseWriter, items []T, err error) {
	w.Header().Set("Content-Type", "application/jsonl")
	enc := json.NewEncoder(w)
	if err != nil {
		enc.Encode(line[T]{Error: err.Error()})
		return
	}
	for i := range items {
		if enc.Encode(line[T]{Item: &items[i]}) != nil {
			return
		}
	}
	enc.Encode(line[T]{Done: true})
}

// readAnswer reads what writeAnswer wrote.
func readAnswer[T any](r io.Reader) ([]T, error) {
	var items []T
	dec := json.NewDecoder(r)
	for {
		var l line[T]
		err := dec.Decode(&l)
		switch {
		case errors.Is(err, io.EOF):
			return nil, errors.New("the server's answer was cut; is it stopping?")
		case err != nil:
			return nil, fmt.Errorf("the server's answer can't be understood: %w", err)
		case l.Error != "":
			return nil, errors.New(l.Error)
		case l.Done:
			return items, nil
		case l.Item != nil:
			items = append(items, *l.Item)
		}
	}
}
