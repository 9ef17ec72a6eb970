package demo

import (
	"bytes"
	"embed"
	"fmt"
	"text/template"
	"time"
)

//go:embed feeds articles
var files embed.FS

// renderer fills the feeds with times. It is safe for concurrent use.
type renderer struct {
	start time.Time
	now   func() time.Time
	set   *template.Template
}

// The functions of the templates: `at "-2h"` is a time relative to the start,
// `out "id"` whether an event has happened, `when "id"` its time, `changed` the
// feed's last change; `rss` and `iso` write a time. The data is the page.
func newRenderer(start time.Time, now func() time.Time) (*renderer, error) {
	names := template.FuncMap{
		"rss": func(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000") },
		"iso": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"at": func(offset string) (time.Time, error) {
			d, err := time.ParseDuration(offset)
			return start.Add(d), err
		},
		"when": func(id string) (time.Time, error) {
			e, known := find(id)
			if !known {
				return start, fmt.Errorf("the timeline has no event %q", id)
			}
			return start.Add(e.After), nil
		},
		// These two depend on the moment: render replaces them.
		"out":     func(string) (bool, error) { return false, nil },
		"changed": func() time.Time { return start },
	}
	set, err := template.New("").Funcs(names).ParseFS(files, "articles/*", "feeds/*")
	if err != nil {
		return nil, fmt.Errorf("read the sample feeds: %w", err)
	}
	return &renderer{start: start, now: now, set: set}, nil
}

// render gives a feed's document as it stands now, and when it last changed.
func (r *renderer) render(file string) (body []byte, changed time.Time, err error) {
	since := r.now().Sub(r.start)
	changed = r.start
	for _, e := range timeline {
		if e.Feed == file && e.After <= since {
			changed = r.start.Add(e.After)
		}
	}
	set, err := r.set.Clone()
	if err != nil {
		return nil, changed, err
	}
	set.Funcs(template.FuncMap{
		"out": func(id string) (bool, error) {
			e, known := find(id)
			if !known {
				return false, fmt.Errorf("the timeline has no event %q", id)
			}
			return e.After <= since, nil
		},
		"changed": func() time.Time { return changed },
	})
	var b bytes.Buffer
	err = set.ExecuteTemplate(&b, file, nil)
	return b.Bytes(), changed, err
}
