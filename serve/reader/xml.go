package reader

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
)

// toXML writes a value as Google Reader wrote its answers in XML, which older
// readers ask for: <object>, <list>, <string>, <number>, <boolean>, named by an
// attribute. It follows the value's JSON, token by token.
func toXML(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out bytes.Buffer
	if err := xmlValue(&out, d, ""); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func xmlValue(out *bytes.Buffer, d *json.Decoder, name string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	element := func(kind, text string) {
		out.WriteByte('<')
		out.WriteString(kind)
		if name != "" {
			out.WriteString(` name="`)
			_ = xml.EscapeText(out, []byte(name))
			out.WriteByte('"')
		}
		out.WriteByte('>')
		if text != "" {
			_ = xml.EscapeText(out, []byte(text))
		}
	}
	kind := ""
	switch v := token.(type) {
	case json.Delim:
		kind = map[json.Delim]string{'{': "object", '[': "list"}[v]
		element(kind, "")
		for d.More() {
			inner := ""
			if v == '{' {
				key, err := d.Token()
				if err != nil {
					return err
				}
				inner = fmt.Sprint(key)
			}
			if err := xmlValue(out, d, inner); err != nil {
				return err
			}
		}
		if _, err := d.Token(); err != nil { // the closing one
			return err
		}
	case json.Number:
		kind = "number"
		element(kind, v.String())
	case bool:
		kind = "boolean"
		element(kind, fmt.Sprint(v))
	case string:
		kind = "string"
		element(kind, v)
	default:
		return nil // null: absent
	}
	out.WriteString("</" + kind + ">")
	return nil
}
