package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// name is a key as the file's author knows it: "limits.message_size".
func name(key toml.Key) string { return strings.Join(key, ".") }

// wanted says what a key expects, or "" where there is no such key.
func wanted(key toml.Key) string {
	f, ok := field(key)
	if !ok {
		return ""
	}
	return f.Tag.Get("want")
}

// known lists the keys that may stand where the unknown one stands.
func known(key toml.Key) string {
	table := reflect.TypeFor[document]()
	if f, ok := field(key[:len(key)-1]); ok && len(key) > 1 {
		table = tableType(f.Type)
	}
	var names []string
	for f := range table.Fields() {
		names = append(names, f.Tag.Get("toml"))
	}
	return strings.Join(names, ", ")
}

// field finds the field of document that a key fills.
func field(key toml.Key) (found reflect.StructField, ok bool) {
	table := reflect.TypeFor[document]()
	for _, part := range key {
		if table.Kind() != reflect.Struct {
			return found, false
		}
		ok = false
		for f := range table.Fields() {
			if f.Tag.Get("toml") == part {
				found, ok = f, true
				table = tableType(f.Type)
				break
			}
		}
		if !ok {
			return found, false
		}
	}
	return found, ok
}

// tableType is the struct behind a table or a list of tables.
func tableType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// lineIndex finds the line of every table and key: "limits.recipients", and
// "listen[1].port" in a list of tables.
func lineIndex(text []byte) map[string]int {
	lines := make(map[string]int)
	counts := make(map[string]int)
	var p unstable.Parser
	p.Reset(text)
	table := ""
	for p.NextExpression() {
		node := p.Expression()
		key, row := nodeKey(&p, node)
		switch node.Kind {
		case unstable.Table:
			table = key + "."
			lines[key] = row
		case unstable.ArrayTable:
			key, counts[key] = fmt.Sprintf("%s[%d]", key, counts[key]), counts[key]+1
			table = key + "."
			lines[key] = row
		case unstable.KeyValue:
			lines[table+key] = row
		}
	}
	return lines
}

// nodeKey returns a node's dotted key and its line.
func nodeKey(p *unstable.Parser, node *unstable.Node) (key string, row int) {
	var parts []string
	for it := node.Key(); it.Next(); {
		part := it.Node()
		parts = append(parts, string(part.Data))
		if row == 0 {
			row = p.Shape(p.Range(part.Data)).Start.Line
		}
	}
	return strings.Join(parts, "."), row
}
