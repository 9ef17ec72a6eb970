package reader

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"aggregator/stories"
)

type (
	itemRef struct {
		ID      string   `json:"id"`
		Streams []string `json:"directStreamIds"`
		Stamp   string   `json:"timestampUsec"`
	}
	itemAnswer struct {
		ID         string      `json:"id"`
		Crawled    string      `json:"crawlTimeMsec"`
		Stamp      string      `json:"timestampUsec"`
		Published  int64       `json:"published"`
		Updated    int64       `json:"updated"`
		Title      string      `json:"title"`
		Author     string      `json:"author"`
		Canonical  []href      `json:"canonical"`
		Alternate  []href      `json:"alternate"`
		Categories []string    `json:"categories"`
		Origin     origin      `json:"origin"`
		Summary    content     `json:"summary"`
		Enclosures []enclosure `json:"enclosure,omitempty"`
	}
	href struct {
		Href string `json:"href"`
		Type string `json:"type,omitempty"`
	}
	origin struct {
		Stream  string `json:"streamId"`
		Title   string `json:"title"`
		HTMLURL string `json:"htmlUrl"`
	}
	content struct {
		Content string `json:"content"`
	}
	enclosure struct {
		Href   string `json:"href"`
		Type   string `json:"type"`
		Length int64  `json:"length,omitempty"`
	}
)

// ids lists the ids of a stream's items: how readers find out what is unread.
func (h *handler) ids(w http.ResponseWriter, r *http.Request, s session) error {
	q, err := readSelection(r.Form, 1000, maxIDs)
	if err != nil {
		return err
	}
	if len(q.streams) == 0 {
		return badRequest("name the stream (s=user/-/state/com.google/reading-list)")
	}
	page, _, next, err := h.page(&q, s.user)
	if err != nil {
		return err
	}
	out := struct {
		Items []itemRef `json:"itemRefs"`
		Next  string    `json:"continuation,omitempty"`
	}{[]itemRef{}, next.String()}
	for _, ref := range page {
		out.Items = append(out.Items, itemRef{strconv.FormatInt(int64(ref.Story), 10), []string{feedStream(ref.Outlet)}, usec(ref.Visible)})
	}
	return h.write(w, r, out)
}

// contents gives the items of a stream with their texts.
func (h *handler) contents(w http.ResponseWriter, r *http.Request, s session) error {
	if err := onlyJSON(r); err != nil {
		return err
	}
	return h.stream(r, s, &jsonItems{w: w})
}

// onlyJSON refuses other forms.
func onlyJSON(r *http.Request) error {
	if output := r.Form.Get("output"); output != "" && output != "json" {
		return badRequest("items are given as JSON here (output=json); /reader/atom/ has them as Atom")
	}
	return nil
}

// stream writes the items of the stream that the address names.
func (h *handler) stream(r *http.Request, s session, out itemWriter) error {
	v := r.Form
	if name := r.PathValue("stream"); name != "" {
		v["s"] = []string{name}
	}
	if v.Get("s") == "" {
		v["s"] = []string{statePrefix + "reading-list"}
	}
	q, err := readSelection(v, 20, maxItems)
	if err != nil {
		return err
	}
	page, states, next, err := h.page(&q, s.user)
	if err != nil {
		return err
	}
	return h.writeItems(r, out, v.Get("s"), storiesOf(page), states, next)
}

func storiesOf(page []Ref) []uint64 {
	ids := make([]uint64, len(page))
	for i := range page {
		ids[i] = page[i].Story
	}
	return ids
}

// items gives the items with certain ids. An id of a story that became part of
// another one gives that one, once; what is not kept any more is left out.
func (h *handler) items(w http.ResponseWriter, r *http.Request, s session) error {
	if err := onlyJSON(r); err != nil {
		return err
	}
	ids, err := parseItemIDs(r.Form["i"])
	if err != nil {
		return err
	}
	_, states, err := h.listed(s.user, false)
	if err != nil {
		return err
	}
	return h.writeItems(r, &jsonItems{w: w}, statePrefix+"reading-list", ids, states, stories.Cursor{})
}

// itemsHead is what an answer says beside its items.
type itemsHead struct {
	Direction string `json:"direction"`
	ID        string `json:"id"`
	Title     string `json:"title"`
	Self      []href `json:"self"`
	Updated   int64  `json:"updated"`
	Next      string `json:"continuation,omitempty"`
}

// itemWriter writes an answer of many items, one after the other, so that it
// needs little memory. An error is the client's: it is gone.
type itemWriter interface {
	begin(itemsHead) error
	item(itemAnswer) error
	end() error
}

// writeItems writes items. The first one is read before anything is written: a
// store that fails nearly always fails there.
func (h *handler) writeItems(r *http.Request, out itemWriter, stream string, ids []uint64, states map[uint64]stories.ReadState, next stories.Cursor) error {
	title, base := h.Title, h.Base(r)
	if s, err := parseStream(stream); err == nil && s.kind == feed {
		title = h.nameOf(s.name)
	}
	head := itemsHead{"ltr", stream, title, []href{{Href: base + r.URL.EscapedPath()}}, h.Now().Unix(), next.String()}
	written := map[uint64]bool{}
	for _, id := range ids {
		item, ok, err := h.source.Item(id, base)
		if err != nil && len(written) > 0 {
			h.Log.Error("a feed reader's answer was cut short", "path", r.URL.Path, "error", err)
			panic(http.ErrAbortHandler) // so that the reader sees that it is not whole
		}
		if err != nil {
			return err
		}
		if !ok || written[item.Story] || item.Visible.After(h.Now()) {
			continue
		}
		if len(written) == 0 && out.begin(head) != nil {
			return nil
		}
		written[item.Story] = true
		if out.item(h.answerFor(&item, states[item.Story])) != nil {
			return nil
		}
	}
	if len(written) == 0 && out.begin(head) != nil {
		return nil
	}
	_ = out.end()
	return nil
}

// jsonItems writes items as JSON.
type jsonItems struct {
	w    http.ResponseWriter
	rest bool
}

func (j *jsonItems) begin(head itemsHead) error {
	j.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	body, err := json.Marshal(head)
	if err != nil {
		return err
	}
	_, err = j.w.Write(append(body[:len(body)-1], `,"items":[`...))
	return err
}

func (j *jsonItems) item(a itemAnswer) error {
	if j.rest {
		if _, err := io.WriteString(j.w, ","); err != nil {
			return err
		}
	}
	j.rest = true
	e := json.NewEncoder(j.w)
	e.SetEscapeHTML(false)
	return e.Encode(a)
}

func (j *jsonItems) end() error {
	_, err := io.WriteString(j.w, "]}\n")
	return err
}

func (h *handler) answerFor(item *Item, state stories.ReadState) itemAnswer {
	a := itemAnswer{
		ID: itemID(item.Story), Crawled: strconv.FormatInt(item.Visible.UnixMilli(), 10), Stamp: usec(item.Visible),
		Published: item.At.Unix(), Updated: item.Updated.Unix(), Title: item.Title, Author: item.Author,
		Canonical: []href{{Href: item.Link}}, Alternate: []href{{Href: item.Link, Type: "text/html"}}, Categories: []string{statePrefix + "reading-list"},
		Origin:  origin{feedStream(item.Outlet), h.nameOf(item.Outlet), h.outlets[item.Outlet].Home},
		Summary: content{item.HTML},
	}
	if name := h.category(item.Outlet); name != "" {
		a.Categories = append(a.Categories, labelStream(name))
	}
	for _, mark := range []struct {
		state stories.ReadState
		name  string
	}{{stories.Read, "read"}, {stories.Starred, "starred"}, {stories.Kept, "kept-unread"}} {
		if state&mark.state != 0 {
			a.Categories = append(a.Categories, statePrefix+mark.name)
		}
	}
	for _, e := range item.Enclosures {
		a.Enclosures = append(a.Enclosures, enclosure{e.URL, e.Type, e.Length})
	}
	return a
}
