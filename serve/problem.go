package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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

// writeProblem answers with p as problem+json; a browser gets the same words as a page.
func writeProblem(w http.ResponseWriter, r *http.Request, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	body, err := json.MarshalIndent(p, "", "  ")
	if err != nil { // text and numbers: it cannot fail
		panic(err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(append(body, '\n'))
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
	writeProblem(w, r, p)
}
