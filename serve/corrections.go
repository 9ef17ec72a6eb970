package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aggregator/stories"
)

// Editor keeps what editors correct. Corrections that cannot be made fail with
// stories.ErrCorrection. All methods are safe for concurrent use.
type Editor interface {
	// Corrections lists all, oldest first, what was undone too.
	Corrections() []stories.Correction
	Split(ctx context.Context, entries []uint64, w stories.Word) (stories.Correction, error)
	Merge(ctx context.Context, one, other uint64, w stories.Word) (stories.Correction, error)
	Undo(ctx context.Context, number uint64, w stories.Word) (stories.Correction, error)
}

const correctionsPath = "/api/v1/corrections"

// maxWhy is how long an editor's reason may be, in characters.
const maxWhy = 1000

type correctionOut struct {
	Number  uint64     `json:"number"`
	Kind    string     `json:"kind"` // "split" or "merge"
	Story   uint64     `json:"story"`
	Other   uint64     `json:"other_story"`
	Entries []uint64   `json:"entries"`
	Others  []uint64   `json:"other_entries"`
	By      string     `json:"by"`
	Why     string     `json:"why"`
	At      *time.Time `json:"at"`
	Undone  *wordOut   `json:"undone"` // null while it holds
}

type wordOut struct {
	By  string     `json:"by"`
	Why string     `json:"why"`
	At  *time.Time `json:"at"`
}

func toCorrectionOut(c *stories.Correction) correctionOut {
	out := correctionOut{Number: c.Number, Kind: "merge", Story: c.Story, Other: c.Other, Entries: append([]uint64{}, c.Entries...),
		Others: append([]uint64{}, c.Others...), By: c.Said.By, Why: c.Said.Why, At: timeOut(c.Said.At)}
	if c.Split {
		out.Kind = "split"
	}
	if u := c.Undone; u != nil {
		out.Undone = &wordOut{u.By, u.Why, timeOut(u.At)}
	}
	return out
}

func toCorrectionsOut(list []stories.Correction) []correctionOut {
	out := []correctionOut{}
	for i := range list {
		out = append(out, toCorrectionOut(&list[i]))
	}
	return out
}

type correctionsOut struct {
	Corrections []correctionOut `json:"corrections"`
}

func (s *server) apiCorrections(*http.Request) (page, error) {
	if s.Editor == nil {
		return jsonPage(correctionsOut{[]correctionOut{}}, time.Time{})
	}
	return jsonPage(correctionsOut{toCorrectionsOut(s.Editor.Corrections())}, time.Time{})
}

// correctionIn is what an editor wants: one of Split and Merge.
type correctionIn struct {
	Split []uint64 `json:"split,omitempty"` // entries of one story, to be taken out of it
	Merge []uint64 `json:"merge,omitempty"` // two stories, to become one
	Why   string   `json:"why"`
	By    string   `json:"by,omitempty"` // who says so, for those who need no token; a token says it itself
}

// makeCorrection answers POST correctionsPath.
func (s *server) makeCorrection(w http.ResponseWriter, r *http.Request, user string) {
	var in correctionIn
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil && !errors.Is(err, io.EOF) {
		s.fail(w, r, problem{Status: http.StatusBadRequest, Detail: "the body is not as docs/api.md has it: " + clip(err.Error(), 200)})
		return
	}
	word, err := s.word(r, user, in.By, in.Why)
	if err == nil && (len(in.Split) == 0) == (len(in.Merge) == 0) || len(in.Merge) > 0 && len(in.Merge) != 2 {
		err = problem{Status: http.StatusBadRequest, Detail: `write either "split": [entries of one story] or "merge": [two stories]`}
	}
	var c stories.Correction
	switch {
	case err != nil:
	case len(in.Split) > 0:
		c, err = s.Editor.Split(r.Context(), in.Split, word)
	default:
		c, err = s.Editor.Merge(r.Context(), in.Merge[0], in.Merge[1], word)
	}
	s.corrected(w, r, http.StatusCreated, &c, err)
}

// undoCorrection answers DELETE correctionsPath/{number}.
func (s *server) undoCorrection(w http.ResponseWriter, r *http.Request, user string) {
	n, err := strconv.ParseUint(r.PathValue("number"), 10, 64)
	if err != nil || n == 0 {
		s.fail(w, r, problem{Status: http.StatusBadRequest, Detail: "a correction is named by its number"})
		return
	}
	q := r.URL.Query()
	word, err := s.word(r, user, q.Get("by"), q.Get("why"))
	var c stories.Correction
	if err == nil {
		c, err = s.Editor.Undo(r.Context(), n, word)
	}
	s.corrected(w, r, http.StatusOK, &c, err)
}

// word is who corrects and why. user is the token's; at the socket it is who the
// request says.
func (s *server) word(r *http.Request, user, by, why string) (stories.Word, error) {
	if s.Editor == nil {
		return stories.Word{}, problem{Status: http.StatusForbidden, Detail: "nothing can be corrected here"}
	}
	if user == "" {
		user = by
	}
	user, why = strings.Join(strings.Fields(user), " "), strings.Join(strings.Fields(why), " ")
	if utf8.RuneCountInString(why) > maxWhy || utf8.RuneCountInString(user) > 100 {
		return stories.Word{}, problem{Status: http.StatusBadRequest, Detail: "why has 1000 characters at most, by has 100"}
	}
	return stories.Word{By: user, Why: why, At: s.Now()}, nil
}

func (s *server) corrected(w http.ResponseWriter, r *http.Request, status int, c *stories.Correction, err error) {
	var cannot stories.ErrCorrection
	if errors.As(err, &cannot) {
		err = problem{Status: http.StatusConflict, Detail: cannot.Error()}
	}
	var body []byte
	if err == nil {
		body, err = encodeJSON(toCorrectionOut(c))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
