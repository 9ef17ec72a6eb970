package serve

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"aggregator/feeds/text"
	"aggregator/stories"
)

// The answer to "who had this first?", for anything that is pasted in.

type firstAnswer struct {
	Given givenOut `json:"given"`
	// Matches are the entries, the best first.
	Matches []matchOut `json:"matches"`
	// Story is the story of the best one; null when nothing kept here matches.
	Story *fullStory `json:"story"`
	// Others are the stories of the other matches.
	Others []storyRef `json:"other_stories"`
}

type givenOut struct {
	Kind      string `json:"kind"` // "link", "text", or "words of the link": no entry has the link, the words of its path were looked for
	Link      string `json:"link,omitempty"`
	Canonical string `json:"canonical,omitempty"`
	Words     int    `json:"words,omitempty"`
}

type matchOut struct {
	entryRef
	Story uint64 `json:"story"`
	// How much of the given text stands in the entry, in runs of four words and
	// more, and how much of the entry's text stands in the given one; null for a
	// link.
	Given *int `json:"given_per_mille"`
	Entry *int `json:"entry_per_mille"`
	// Words is how many of the given words stand there at all, by rarity.
	Words *int `json:"words_per_mille"`
}

type storyRef struct {
	ID       uint64 `json:"id"`
	Headline string `json:"headline"`
	Page     string `json:"page"`
}

const (
	maxGiven   = 256 << 10 // bytes of a given text
	maxMatches = 20
)

// apiFirst answers GET ?url= and POST with a text or a link.
func (s *server) apiFirst(w http.ResponseWriter, r *http.Request) {
	if !s.asking.allow(r.RemoteAddr, s.Now()) {
		w.Header().Set("Retry-After", "5")
		s.fail(w, r, problem{Status: http.StatusTooManyRequests, Detail: "too many texts and links at once; wait five seconds"})
		return
	}
	given, err := readGiven(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out, err := s.first(given, s.base(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	body, err := encodeJSON(out)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// readGiven reads what was pasted in.
func readGiven(w http.ResponseWriter, r *http.Request) (string, error) {
	bad := func(status int, detail string) (string, error) { return "", problem{Status: status, Detail: detail} }
	if r.Method != http.MethodPost {
		values, err := url.ParseQuery(r.URL.RawQuery)
		if link := values.Get("url"); err == nil && len(values) == 1 && isLink(link) {
			return link, nil
		}
		return bad(http.StatusBadRequest, "give an article's link as ?url=https://… (escaped), or POST a text")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxGiven))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return bad(http.StatusRequestEntityTooLarge, "the text is longer than 256 kB; a part of it is enough")
	case err != nil:
		return bad(http.StatusBadRequest, "the text did not arrive whole")
	case !utf8.Valid(body):
		return bad(http.StatusBadRequest, "the text must be in UTF-8")
	}
	given := string(body)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "text/html":
		given = text.FromHTML(given)
	case "multipart/form-data", "application/json":
		return bad(http.StatusUnsupportedMediaType, "send the text itself, as text/plain or text/html")
	}
	return strings.TrimSpace(given), nil
}

// isLink reports whether a text is one address of the web and nothing else.
func isLink(given string) bool {
	u, err := url.Parse(given)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(given, " \t\r\n")
}

func (s *server) first(given, base string) (out firstAnswer, err error) {
	out = firstAnswer{Matches: []matchOut{}, Others: []storyRef{}}
	var found []stories.Likeness
	if isLink(given) {
		out.Given = givenOut{Kind: "link", Link: given}
		if s.Canonical != nil {
			out.Given.Canonical = s.Canonical(given)
		}
		entries, err := s.source.Find(given, out.Given.Canonical)
		if err != nil {
			return out, err
		}
		for _, id := range entries {
			found = append(found, stories.Likeness{Entry: id})
		}
		if given = slug(given); len(found) == 0 && stories.NewProbe(given).Words() >= 3 {
			out.Given.Kind = "words of the link"
		}
	} else {
		out.Given.Kind = "text"
	}
	if out.Given.Kind != "link" {
		if out.Given.Words = stories.NewProbe(given).Words(); out.Given.Words < 2 {
			return out, problem{Status: http.StatusBadRequest, Detail: "one word is too little; give a link, a headline or some of the text"}
		}
		if found, err = s.source.Alike(given, maxMatches); err != nil {
			return out, err
		}
	}
	listed := map[uint64]bool{}
	for i := range found {
		l := &found[i]
		story, ok, err := s.source.StoryOf(l.Entry)
		if err != nil {
			return out, err
		}
		if !ok {
			continue
		}
		st, ok, err := s.source.Story(story)
		if err != nil {
			return out, err
		}
		at := -1
		for j := range st.Members {
			if st.Members[j].Entry == l.Entry {
				at = j
			}
		}
		if !ok || at < 0 {
			continue // removed meanwhile
		}
		e := &st.Members[at]
		m := matchOut{entryRef: entryRef{e.Entry, e.Outlet, s.nameOf(e.Outlet), e.Title, e.Link}, Story: st.ID}
		if out.Given.Kind != "link" {
			m.Given, m.Entry, m.Words = &l.Share, &l.OfEntry, &l.Words
		}
		out.Matches = append(out.Matches, m)
		switch {
		case out.Story == nil:
			full := s.fullStory(&st, base)
			out.Story = &full
		case !listed[st.ID]:
			out.Others = append(out.Others, storyRef{st.ID, newItem(&st).title(), base + storyPath(st.ID)})
		}
		listed[st.ID] = true
	}
	return out, nil
}

// slug gives the words that many sites put in an article's address, the longest
// part of its path.
func slug(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	longest := ""
	for part := range strings.SplitSeq(strings.TrimSuffix(u.Path, path.Ext(u.Path)), "/") {
		if part = strings.Map(func(r rune) rune {
			if r == '-' || r == '_' || r == '.' || r == '+' {
				return ' '
			}
			return r
		}, part); strings.Count(part, " ") > strings.Count(longest, " ") {
			longest = part
		}
	}
	return longest
}
