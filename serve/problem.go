package serve

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// problem is an answer that is not what was asked for (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says what to do instead.
	Detail string `json:"detail,omitempty"`
	// Invalid names every parameter that cannot be read.
	Invalid []invalid `json:"invalid_params,omitempty"`
}

type invalid struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func (p problem) Error() string { return fmt.Sprintf("%d: %s", p.Status, p.Detail) }

// notFound is the problem of a thing that is not there.
func notFound(format string, a ...any) error {
	return problem{Status: http.StatusNotFound, Detail: fmt.Sprintf(format, a...)}
}

// writeProblem answers with p: as a page for browsers, else as problem+json.
func (s *server) writeProblem(w http.ResponseWriter, r *http.Request, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	body, err := encodeJSON(p)
	kind := "application/problem+json"
	if strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/api/") {
		var b bytes.Buffer
		err = templates["problem"].Execute(&b, struct {
			frame
			problem
			Title string // both have one
		}{frame{Site: s.Title, NoIndex: true}, p, p.Title})
		body, kind = b.Bytes(), "text/html; charset=utf-8"
	}
	if err != nil { // text and numbers into memory: it cannot fail
		panic(err)
	}
	h := w.Header()
	secure(h)
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept")
	if p.Status == http.StatusServiceUnavailable && h.Get("Retry-After") == "" {
		h.Set("Retry-After", "60")
	}
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// fail answers for an error of a handler: a problem is shown as it is, anything
// else is logged and hidden.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p problem
	if !errors.As(err, &p) {
		s.Log.Error("a request failed", "path", r.URL.Path, "query", r.URL.RawQuery, "error", err)
		p = problem{Status: http.StatusInternalServerError, Detail: "the answer could not be made; the log says why"}
	}
	s.writeProblem(w, r, p)
}
