package config

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
)

// checkHub allows none.
func checkHub(s string) (what, write string) {
	if s == "" {
		return "", ""
	}
	return checkURL(s)
}

// webhooks reads every [[webhook]].
func (r *reader) webhooks(c *Config, v any) {
	if v == nil {
		return
	}
	lines := map[string]int{}
	for i, v := range r.tables("webhook", v) {
		path := fmt.Sprintf("webhook[%d]", i)
		w := Webhook{Line: r.lines[path]}
		set := r.table(path, v, webhookKeys(&w, filepath.Dir(r.file)), nil)
		m, isTable := v.(map[string]any)
		if !isTable {
			continue
		}
		for _, k := range []struct{ name, write string }{
			{"url", `write url = "https://…"`},
			{"secret_file", `write secret_file = "webhook.key", a file with a line of 16 random letters or more`},
		} {
			if m[k.name] == nil {
				r.problem(join(path, k.name), "this webhook has no "+k.name, k.write)
			}
		}
		if w.Outlets == 0 && len(w.CopiesOf) == 0 && !w.Verdicts && len(set) == len(m) {
			r.problem(path, "this webhook is told of nothing", `write outlets = 3, copies_of = ["…"] or verdicts = true`)
		}
		if first := lines[w.URL]; set["url"] && first > 0 {
			r.problem(join(path, "url"), fmt.Sprintf("the webhook of line %d has this address already", first), "put all that it is told into one [[webhook]]")
		} else if set["url"] {
			lines[w.URL] = r.lines[join(path, "url")]
		}
		c.Webhooks = append(c.Webhooks, w)
	}
}

func webhookKeys(w *Webhook, dir string) []key {
	return []key{
		{"url", text(&w.URL, checkURL)},
		{"secret_file", func(v any) (string, string) {
			file, ok := v.(string)
			if !ok {
				return "this is not the name of a file", `write secret_file = "webhook.key"`
			}
			line, what, write := secret(file, dir)
			if what != "" {
				return what, write
			}
			w.Secret = []byte(line)
			if packed, ok := strings.CutPrefix(line, "whsec_"); ok { // as Standard Webhooks writes secrets
				if w.Secret, _ = base64.StdEncoding.DecodeString(packed); len(w.Secret) == 0 {
					return "what follows whsec_ in " + file + " is not base64", "write the secret as the receiver gave it"
				}
			}
			if len(w.Secret) < 16 {
				return "the secret in " + file + " is too short to sign with", "write 16 random letters or more"
			}
			return "", ""
		}},
		{"outlets", count(&w.Outlets, 2, 1000)},
		{"copies_of", texts(&w.CopiesOf, nonEmpty("thewhistler"))},
		{"verdicts", yes(&w.Verdicts)},
	}
}
