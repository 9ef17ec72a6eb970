package reader

import (
	"net/http"

	"aggregator/stories"
)

// editTag marks items: all of a request in one transaction.
func (h *handler) editTag(w http.ResponseWriter, r *http.Request, s session) error {
	ids, err := parseItemIDs(r.Form["i"])
	if err != nil {
		return err
	}
	add, err := marks(r.Form["a"])
	if err != nil {
		return err
	}
	take, err := marks(r.Form["r"])
	if err != nil {
		return err
	}
	if add&take != 0 {
		return badRequest("a mark is to be added and taken away at once")
	}
	// Marking as unread is keeping unread; some readers say only the one.
	if take&stories.Read != 0 {
		add |= stories.Kept
	}
	if take&stories.Kept != 0 && add&stories.Read == 0 {
		add |= stories.Read
	}
	if add != 0 || take != 0 {
		if err := h.users.MarkRead(r.Context(), s.user, ids, add, take); err != nil {
			return err
		}
	}
	return ok(w)
}

// marks reads the states that are added to or taken from items. Labels of one's
// own are refused in words: a reader that believes it has set one would lose it.
func marks(names []string) (m stories.ReadState, err error) {
	streams, err := parseStreams(names)
	if err != nil {
		return 0, err
	}
	for _, s := range streams {
		switch s.kind {
		case read:
			m |= stories.Read
		case unread, kept:
			m |= stories.Kept
		case starred:
			m |= stories.Starred
		case label, feed:
			return 0, badRequest("items cannot be put into folders of one's own here: folders are the outlets' categories")
		}
	}
	return m, nil
}

// markAllRead marks the items of a stream that came by a certain time.
func (h *handler) markAllRead(w http.ResponseWriter, r *http.Request, s session) error {
	q := selection{n: maxShelf}
	var err error
	if q.streams, err = parseStreams(r.Form["s"]); err != nil {
		return err
	}
	if len(q.streams) == 0 {
		return badRequest("name the stream (s=user/-/state/com.google/reading-list)")
	}
	if q.to, err = readStamp(r.Form.Get("ts")); err != nil {
		return err
	}
	q.xt = []stream{{kind: read}}
	page, _, _, err := h.page(&q, s.user)
	if err != nil {
		return err
	}
	if len(page) > 0 {
		if err := h.users.MarkRead(r.Context(), s.user, storiesOf(page), stories.Read, stories.Kept); err != nil {
			return err
		}
	}
	return ok(w)
}

// fixed refuses what would change outlets or folders.
func (h *handler) fixed(http.ResponseWriter, *http.Request, session) error {
	return refused(http.StatusForbidden, "outlets and their categories stand in the configuration of this server: its operator changes them there")
}

// quickAdd refuses a new subscription in the form that readers show.
func (h *handler) quickAdd(w http.ResponseWriter, r *http.Request, _ session) error {
	return h.write(w, r, struct {
		Results int    `json:"numResults"`
		Error   string `json:"error"`
	}{0, "outlets stand in the configuration of this server: its operator adds them there"})
}

func ok(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("OK"))
	return nil
}
