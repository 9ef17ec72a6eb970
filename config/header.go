package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// headerKey is the key of a feed's own request fields, for [[outlet]] and
// [[outlet.feed]] only: in [poll] a secret would go to every publisher. A value
// is a text, { file = "…" }, or { user = "…", password_file = "…" } for basic
// authentication. Files are relative to dir and are read now, so that a secret
// that is missing is a problem of the configuration.
func headerKey(p *map[string]string, dir string) key {
	return key{"header", func(v any) (string, string) {
		m, ok := v.(map[string]any)
		if !ok { // not shown: it may be a secret
			return "this is not a table", `write header = { X-Api-Key = { file = "key.txt" } }`
		}
		out := map[string]string{}
		for _, name := range sortedNames(m) {
			if what, write := checkField(name, m[name]); what != "" {
				return what, write
			}
			value, what, write := fieldValue(m[name], dir)
			if what == "" && !httpguts.ValidHeaderFieldValue(value) {
				what, write = "the value of "+name+" holds characters that a header cannot carry", "write it on one line, without control characters"
			}
			if what != "" {
				return what, write
			}
			out[name] = value
		}
		*p = out
		return "", ""
	}}
}

// ownFields are the fields that the poller itself answers for.
var ownFields = map[string]string{
	"user-agent": "write user_agent instead", "accept-encoding": "take it out", "if-none-match": "take it out",
	"if-modified-since": "take it out", "host": "take it out", "referer": "take it out", "cookie": "take it out",
	"connection": "take it out", "range": "take it out", "transfer-encoding": "take it out", "content-length": "take it out",
}

func checkField(name string, v any) (string, string) {
	if !httpguts.ValidHeaderFieldName(name) {
		return fmt.Sprintf("%q is not the name of a header field", cut(name)), `write one like Authorization or "X-Api-Key"`
	}
	if write, own := ownFields[strings.ToLower(name)]; own {
		return name + " is the poller's own affair", write
	}
	if _, plain := v.(string); plain && strings.EqualFold(name, "Authorization") {
		return "a secret that stands here is read by everybody who reads this file", `write Authorization = { file = "…" } or { user = "…", password_file = "…" }`
	}
	return "", ""
}

// fieldValue never puts a secret into a problem.
func fieldValue(v any, dir string) (value, what, write string) {
	const form = `write { file = "…" } or { user = "…", password_file = "…" }`
	switch v := v.(type) {
	case string:
		return v, "", ""
	case map[string]any:
		file, isFile := v["file"].(string)
		user, isUser := v["user"].(string)
		password, isPassword := v["password_file"].(string)
		switch {
		case isFile && len(v) == 1:
			return secret(file, dir)
		case isUser && isPassword && len(v) == 2:
			if user == "" || strings.Contains(user, ":") {
				return "", fmt.Sprintf("%q cannot be a user's name here", cut(user)), "write it without a colon"
			}
			value, what, write = secret(password, dir)
			return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+value)), what, write
		}
		return "", "the keys " + strings.Join(sortedNames(v), ", ") + " do not belong together", form
	}
	return "", shown(v) + " is not a header's value", `write it in quotes, or ` + form
}

// maxSecret is the largest secret, in bytes; servers refuse longer fields.
const maxSecret = 8 << 10

// secret reads a file of one line.
func secret(file, dir string) (value, what, write string) {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	var data []byte
	info, err := os.Stat(file)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxSecret) {
		return "", file + " is not a file of one line", "write the secret, and nothing else, into a file"
	}
	if err == nil {
		data, err = os.ReadFile(file)
	}
	value = strings.TrimRight(string(data), "\r\n")
	switch {
	case err != nil:
		var inner *fs.PathError
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return "", fmt.Sprintf("the secret in %s cannot be read: %v", file, err), "make the file readable for the daemon, and for nobody else"
	case value == "" || strings.ContainsAny(value, "\r\n"):
		return "", file + " does not hold one line", "write the secret, and nothing else, into it"
	}
	return value, "", ""
}
