// Package reader lets feed readers that people already have read the merged feed
// and keep in step what was read and starred: the Google Reader API, as FreshRSS
// and Miniflux serve it. There is no official description of it; docs/readers.md
// says what is answered here.
//
// Each story is one item. The reading list is the merged feed; a subscription
// is an outlet, with the stories whose shown entry is its own, in the folder of
// its category. Every item is in one subscription, because readers keep an item
// in one.
package reader

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// Ref is what lists need of a story.
type Ref struct {
	Story   uint64
	At      time.Time // when it was published; lists are in this order
	Visible time.Time // when it came, or will come, into the merged feed
	Outlet  string    // whose entry is shown
}

func (r Ref) position() stories.Cursor { return stories.Cursor{At: r.At.Unix(), Story: r.Story} }

// Item is a story as a reader shows it.
type Item struct {
	Ref
	Title, Author string
	Link          string // of the article
	HTML          string // sanitised
	Updated       time.Time
	Enclosures    []feeds.Enclosure
}

// Source is where stories come from. All methods are safe for concurrent use.
type Source interface {
	// Refs lists the newest stories, the newest first.
	Refs(limit int) ([]Ref, error)
	// Ref and Item find a story, also by the number of one that became part of it.
	Ref(story uint64) (Ref, bool, error)
	// base is what absolute addresses in the item begin with.
	Item(story uint64, base string) (Item, bool, error)
	// Generation grows with every change of a story.
	Generation() uint64
}

// Users knows who may read, and what they read. All methods are safe for
// concurrent use.
type Users interface {
	Login(name, password string) (session string, ok bool, err error)
	Session(session string) (user string, ok bool, err error)
	Reading(user string) ([]stories.ReadStory, error)
	MarkRead(ctx context.Context, user string, ids []uint64, add, take stories.ReadState) error
}

// Options say how to answer; all fields are needed.
type Options struct {
	Title   string // of the merged feed
	Outlets []feeds.Outlet
	// Base is the scheme and host of absolute addresses.
	Base func(r *http.Request) string
	// MayTry reports whether an address may try a password now.
	MayTry func(r *http.Request) bool
	// Problem answers with what is wrong and what to do.
	Problem func(w http.ResponseWriter, r *http.Request, status int, detail string)
	Now     func() time.Time
	Log     *slog.Logger
}

// Prefix is where FreshRSS answers, and readers' presets for FreshRSS ask; all
// addresses are answered with it and without.
const Prefix = "/api/greader.php"

// Limits on what one request may ask.
const (
	maxShelf = 20000 // the newest stories, which lists are made from; starred ones are listed however old
	maxIDs   = 10000 // item ids in a request or an answer
	maxItems = 1000  // items with their texts in an answer of a stream
)

type handler struct {
	Options
	source  Source
	users   Users
	outlets map[string]feeds.Outlet
	trying  chan struct{} // passwords that are being checked

	mu    sync.Mutex
	shelf shelf
}

// New makes the handler. It starts no goroutine and is safe for concurrent use.
func New(source Source, users Users, o Options) http.Handler {
	h := &handler{Options: o, source: source, users: users, outlets: map[string]feeds.Outlet{}, trying: make(chan struct{}, 4)}
	for _, outlet := range o.Outlets {
		h.outlets[outlet.ID] = outlet
	}
	mux := http.NewServeMux()
	const api = "/reader/api/0/"
	for path, f := range map[string]answerer{
		"GET token": h.editToken, "GET user-info": h.userInfo, "GET subscription/list": h.subscriptions, "GET tag/list": h.tags,
		"GET unread-count": h.unread, "GET preference/list": h.preferences, "GET preference/stream/list": h.preferences,
		"GET stream/contents": h.contents, "GET stream/contents/{stream...}": h.contents, "POST stream/contents": h.contents,
		"GET stream/items/ids": h.ids, "POST stream/items/ids": h.ids,
		"GET stream/items/contents": h.items, "POST stream/items/contents": h.items,
		"POST edit-tag": h.editTag, "POST mark-all-as-read": h.markAllRead,
		"POST rename-tag": h.fixed, "POST disable-tag": h.fixed, "POST subscription/edit": h.fixed, "POST subscription/import": h.fixed,
		"POST subscription/quickadd": h.quickAdd,
	} {
		method, path, _ := strings.Cut(path, " ")
		mux.Handle(method+" "+api+path, h.withUser(f))
	}
	mux.Handle("GET /reader/atom/{stream...}", h.withUser(h.atom))
	mux.HandleFunc("POST /accounts/ClientLogin", h.login)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" { // some readers look whether anything is here
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte("OK"))
			return
		}
		h.fail(w, r, refused(http.StatusNotFound, "the Google Reader API has nothing at this address, or not for %s; docs/readers.md lists what it has", r.Method))
	})
	stripped := http.StripPrefix(Prefix, mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, Prefix+"/") {
			stripped.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// refusal is what the one who asks did wrong.
type refusal struct {
	status int
	detail string
}

func (r refusal) Error() string { return r.detail }

func refused(status int, format string, a ...any) error {
	return refusal{status, fmt.Sprintf(format, a...)}
}

func badRequest(format string, a ...any) error { return refused(http.StatusBadRequest, format, a...) }

// fail answers for an error: a refusal as it is, anything else logged and hidden.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var no refusal
	if !errors.As(err, &no) {
		if r.Context().Err() != nil {
			return // nobody waits for the answer
		}
		h.Log.Error("a feed reader's request failed", "path", r.URL.Path, "error", err)
		no = refusal{http.StatusInternalServerError, "the answer could not be made; the log says why"}
	}
	h.Problem(w, r, no.status, no.detail)
}
