package evidence

import (
	"reflect"
	"strings"

	"postern/internal/client"
)

// Clean makes every text of the run printable: what is no text stands as \xNN.
// Servers, certificates and the DNS write into a run, and whoever sends a saved
// one can write anything, so that no text of it may reach a terminal before.
// Only the text of a Reply keeps its line ends.
func (r *Run) Clean() { clean(reflect.ValueOf(r).Elem()) }

var replyType = reflect.TypeFor[Reply]()

func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(client.Printable(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == replyType {
			cleanReply(v.Addr().Interface().(*Reply))
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() { // a time.Time holds no text
				clean(v.Field(i))
			}
		}
	}
}

func cleanReply(r *Reply) {
	r.Status, r.Code, r.Detail = client.Printable(r.Status), client.Printable(r.Code), client.Printable(r.Detail)
	lines := strings.Split(r.Text, "\n")
	for i, line := range lines {
		lines[i] = client.Printable(line)
	}
	r.Text = strings.Join(lines, "\n")
}
