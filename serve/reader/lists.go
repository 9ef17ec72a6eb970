package reader

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

type (
	userInfo struct {
		UserID    string `json:"userId"`
		UserName  string `json:"userName"`
		ProfileID string `json:"userProfileId"`
		Email     string `json:"userEmail"`
	}
	subscription struct {
		ID         string   `json:"id"`
		Title      string   `json:"title"`
		Categories []folder `json:"categories"`
		URL        string   `json:"url"`
		HTMLURL    string   `json:"htmlUrl"`
		IconURL    string   `json:"iconUrl"`
	}
	folder struct {
		ID    string `json:"id"`
		Label string `json:"label,omitempty"`
		Type  string `json:"type,omitempty"`
	}
	count struct {
		ID     string `json:"id"`
		Count  int    `json:"count"`
		Newest string `json:"newestItemTimestampUsec"`
	}
)

func (h *handler) userInfo(w http.ResponseWriter, r *http.Request, s session) error {
	return h.write(w, r, userInfo{s.user, s.user, s.user, ""})
}

// category is the folder of an outlet; "" is none.
func (h *handler) category(outlet string) string { return h.outlets[outlet].Category }

func (h *handler) nameOf(outlet string) string {
	if o := h.outlets[outlet]; o.Name != "" {
		return o.Name
	}
	return outlet
}

// subscribed are the outlets that are followed, and those that are not any more
// and have stories yet, by name.
func (h *handler) subscribed() ([]feeds.Outlet, error) {
	refs, err := h.newest()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(h.Outlets)
	gone := map[string]bool{}
	for i := range refs {
		id := refs[i].Outlet
		if _, known := h.outlets[id]; !known && id != "" && !gone[id] {
			gone[id] = true
			list = append(list, feeds.Outlet{ID: id, Name: id})
		}
	}
	slices.SortStableFunc(list, func(a, b feeds.Outlet) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return list, nil
}

func (h *handler) subscriptions(w http.ResponseWriter, r *http.Request, _ session) error {
	list, err := h.subscribed()
	if err != nil {
		return err
	}
	out := struct {
		Subscriptions []subscription `json:"subscriptions"`
	}{[]subscription{}}
	for _, o := range list {
		s := subscription{ID: feedStream(o.ID), Title: h.nameOf(o.ID), HTMLURL: o.Home, Categories: []folder{},
			URL: h.Base(r) + "/feed.atom?" + url.Values{"first": {o.ID}}.Encode()}
		if o.Category != "" {
			s.Categories = append(s.Categories, folder{ID: labelStream(o.Category), Label: o.Category, Type: "folder"})
		}
		out.Subscriptions = append(out.Subscriptions, s)
	}
	return h.write(w, r, out)
}

// labels are the folders, by name.
func (h *handler) labels() (list []string) {
	for _, o := range h.Outlets {
		if o.Category != "" && !slices.Contains(list, o.Category) {
			list = append(list, o.Category)
		}
	}
	slices.Sort(list)
	return list
}

func (h *handler) tags(w http.ResponseWriter, r *http.Request, _ session) error {
	out := struct {
		Tags []folder `json:"tags"`
	}{[]folder{{ID: statePrefix + "starred"}}}
	for _, name := range h.labels() {
		out.Tags = append(out.Tags, folder{ID: labelStream(name), Label: name, Type: "folder"})
	}
	return h.write(w, r, out)
}

func (h *handler) unread(w http.ResponseWriter, r *http.Request, s session) error {
	outlets, err := h.subscribed()
	if err != nil {
		return err
	}
	refs, states, err := h.listed(s.user, false)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	newest := map[string]time.Time{}
	now := h.Now()
	const everything = statePrefix + "reading-list"
	for i := range refs {
		ref := &refs[i]
		if ref.Visible.After(now) {
			continue
		}
		streams := []string{everything, feedStream(ref.Outlet)}
		if name := h.category(ref.Outlet); name != "" {
			streams = append(streams, labelStream(name))
		}
		for _, id := range streams {
			if ref.Visible.After(newest[id]) {
				newest[id] = ref.Visible
			}
			if states[ref.Story]&stories.Read == 0 {
				counts[id]++
			}
		}
	}
	out := struct {
		Max    int     `json:"max"`
		Counts []count `json:"unreadcounts"`
	}{counts[everything], []count{}}
	add := func(id string) { out.Counts = append(out.Counts, count{id, counts[id], usec(newest[id])}) }
	for _, o := range outlets {
		add(feedStream(o.ID))
	}
	for _, name := range h.labels() {
		add(labelStream(name))
	}
	add(everything)
	return h.write(w, r, out)
}

// preferences are empty: there are none here.
func (h *handler) preferences(w http.ResponseWriter, r *http.Request, _ session) error {
	if strings.HasSuffix(r.URL.Path, "/stream/list") {
		return h.write(w, r, json.RawMessage(`{"streamprefs":{}}`))
	}
	return h.write(w, r, json.RawMessage(`{"prefs":[]}`))
}

// usec writes a time as readers compare them: microseconds since 1970.
func usec(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}

// write answers with a value, as JSON or, when asked for, as Google's XML.
func (h *handler) write(w http.ResponseWriter, r *http.Request, v any) error {
	switch output := r.Form.Get("output"); output {
	case "", "json":
		writeJSON(w, v)
	case "xml":
		body, err := toXML(v)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = w.Write(body)
	default:
		return badRequest("output is json or xml")
	}
	return nil
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // our own types: it fails only when the client is gone
}
