package fault

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

//go:embed catalogue/*.toml
var files embed.FS

// catalogue is read once, when it is first asked for.
var catalogue = sync.OnceValues(func() ([]Fault, error) { return parseAll(files) })

// Lookup finds the entry of an id.
func Lookup(id ID) (Fault, bool) {
	for _, f := range All() {
		if f.ID == id {
			return f, true
		}
	}
	return Fault{}, false
}

// All returns every entry, layer after layer from the user's own machine to
// the server's logs.
func All() []Fault {
	faults, _ := catalogue() // a test reads the embedded files; they can't fail later
	return slices.Clone(faults)
}

// layers is the order of the catalogue.
var layers = []string{"CL", "LN", "DN", "RT", "GW", "TL", "AU", "AC", "MB", "OU", "IN", "RP", "SH", "LG"}

// parseAll reads every data file and orders the entries.
func parseAll(files fs.FS) ([]Fault, error) {
	names, err := fs.Glob(files, "catalogue/*.toml")
	if err != nil {
		return nil, err
	}
	var all []Fault
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		entries, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, entries...)
	}
	slices.SortFunc(all, func(a, b Fault) int {
		return cmp.Or(
			cmp.Compare(slices.Index(layers, a.ID.Layer()), slices.Index(layers, b.ID.Layer())),
			cmp.Compare(a.ID, b.ID))
	})
	return all, unique(all)
}

// parse reads one data file strictly: an unknown key, a missing text or a
// word that is no owner or severity is an error.
func parse(data []byte) ([]Fault, error) {
	var file struct {
		Fault []Fault `toml:"fault"`
	}
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&file); err != nil {
		return nil, err
	}
	for i := range file.Fault {
		f := &file.Fault[i]
		f.tidy()
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("fault %q: %w", f.ID, err)
		}
	}
	return file.Fault, nil
}

// tidy joins the lines of the texts, which are wrapped in the data files.
func (f *Fault) tidy() {
	for _, s := range []*string{&f.Title, &f.Explanation, &f.Verify, &f.Evidence} {
		*s = strings.Join(strings.Fields(*s), " ")
	}
	for i, step := range f.Fix {
		f.Fix[i] = strings.Join(strings.Fields(step), " ")
	}
}

var (
	idForm   = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}$`)
	nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

func (f *Fault) check() error {
	switch {
	case !idForm.MatchString(string(f.ID)) || !slices.Contains(layers, f.ID.Layer()):
		return fmt.Errorf("id must be the letters of a layer and two digits")
	case !nameForm.MatchString(f.Name):
		return fmt.Errorf("name %q must be kebab-case", f.Name)
	case f.Title == "" || f.Explanation == "" || f.Verify == "" || f.Evidence == "":
		return fmt.Errorf("title, explanation, verify and evidence must have a text")
	case len(f.Fix) == 0 || slices.Contains(f.Fix, ""):
		return fmt.Errorf("fix must have steps, none of them empty")
	case f.Severity == SeverityOK:
		return fmt.Errorf("severity is missing")
	}
	for _, o := range append([]Owner{f.Owner}, f.Also...) {
		if !slices.Contains(owners, o) {
			return fmt.Errorf("owner %q is none of %v", o, owners)
		}
	}
	if slices.Contains(f.Also, f.Owner) {
		return fmt.Errorf("also repeats the owner %q", f.Owner)
	}
	return nil
}

func unique(faults []Fault) error {
	ids, names := map[ID]bool{}, map[string]bool{}
	for _, f := range faults {
		if ids[f.ID] || names[f.Name] {
			return fmt.Errorf("fault %s %s: id or name is there twice", f.ID, f.Name)
		}
		ids[f.ID], names[f.Name] = true, true
	}
	return nil
}
