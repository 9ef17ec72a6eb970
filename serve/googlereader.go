package serve

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"aggregator/serve/reader"
	"aggregator/stories"
)

// googleReader serves the merged feed to feed readers that keep what was read.
func (s *server) googleReader() http.Handler {
	tries := newLimiter(tryEvery, tryBurst)
	return gzhttp.GzipHandler(reader.New(shelves{s}, s.Users, reader.Options{
		Title: s.Title, Outlets: s.Outlets, Base: s.base, Now: s.Now, Log: s.Log,
		MayTry: func(r *http.Request) bool { return tries.allow(r.RemoteAddr, s.Now()) },
		Problem: func(w http.ResponseWriter, r *http.Request, status int, detail string) {
			s.writeProblem(w, r, problem{Status: status, Detail: detail})
		},
	}))
}

// shelves gives the stories of the merged feed to package reader.
type shelves struct{ *server }

func (s shelves) Generation() uint64 {
	generation, _ := s.source.Changed()
	return generation
}

func (s shelves) Refs(limit int) ([]reader.Ref, error) {
	var refs []reader.Ref
	for q := (stories.Query{Limit: 500}); ; {
		list, next, err := s.source.Stories(q)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if len(list[i].Members) == 0 {
				continue
			}
			if refs = append(refs, s.ref(newItem(&list[i]))); len(refs) == limit {
				return refs, nil
			}
		}
		if next.IsZero() {
			return refs, nil
		}
		q.After = next
	}
}

func (s shelves) ref(it item) reader.Ref {
	r := reader.Ref{Story: it.story.ID, At: it.story.Time(), Visible: s.settles(it.story), Outlet: it.lead.Outlet}
	if r.Visible.IsZero() {
		r.Visible = it.story.FirstSeen()
	}
	return r
}

func (s shelves) Ref(story uint64) (reader.Ref, bool, error) {
	st, ok, err := s.source.Story(story)
	if err != nil || !ok || len(st.Members) == 0 {
		return reader.Ref{}, false, err
	}
	return s.ref(newItem(&st)), true, nil
}

func (s shelves) Item(story uint64, base string) (reader.Item, bool, error) {
	st, ok, err := s.source.Story(story)
	if err != nil || !ok || len(st.Members) == 0 {
		return reader.Item{}, false, err
	}
	it := newItem(&st)
	e, _, err := s.source.Entry(it.lead.Entry)
	if err != nil {
		return reader.Item{}, false, err
	}
	return reader.Item{
		Ref: s.ref(it), Title: it.title(), Author: strings.Join(s.authors(it, e), ", "), Link: it.link(base),
		HTML: contentHTML(e) + s.attributionHTML(it, base), Updated: it.updated(), Enclosures: e.Enclosures,
	}, true, nil
}
