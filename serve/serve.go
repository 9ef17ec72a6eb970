// Package serve is what people and programs read over HTTP: the merged feeds,
// the API and the page. It only reads; every answer is rendered from values
// copied out of the source before a byte goes to a client.
package serve

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"aggregator/feeds"
	"aggregator/serve/reader"
	"aggregator/stories"
)

// Source is where stories come from. All methods are safe for concurrent use.
type Source interface {
	// Stories lists the stories that match q, newest first, q.Limit at most. The
	// cursor leads to those after them; it is zero when there are none.
	Stories(q stories.Query) ([]stories.Story, stories.Cursor, error)
	// Story finds a story, also by the number of one that was merged into it.
	Story(id uint64) (stories.Story, bool, error)
	Entry(id uint64) (feeds.Entry, bool, error)
	// StoryOf gives the story that an entry belongs to.
	StoryOf(entry uint64) (story uint64, ok bool, err error)
	// Find gives the entries that a link names, as it was given or in its
	// canonical form; either may be empty.
	Find(link, canonical string) (entries []uint64, err error)
	// Alike gives the entries that a text belongs to, the best first.
	Alike(text string, limit int) ([]stories.Likeness, error)
	// Changed gives a number that grows with every change of a story, and a
	// channel that is closed at the following one.
	Changed() (generation uint64, next <-chan struct{})
}

// Options say how to serve.
type Options struct {
	// BaseURL is the address under which readers reach the server, without a
	// path ("https://news.example.org"). Empty: the Host of each request. Its
	// host is part of the stories' ids in the merged feeds.
	BaseURL string
	// Title names the merged feed and the page; empty is "aggregator".
	Title string
	// Outlets are those that are followed, for their names, homes and languages.
	Outlets []feeds.Outlet
	// Feeds are the polled feeds: whose they are.
	Feeds []feeds.Feed
	// States gives the state of every feed, by URL; nil when nobody polls.
	States func() (map[string]feeds.State, error)
	// Why explains a feed's polling in sentences; may be nil.
	Why func(s feeds.State, around feeds.Around, now time.Time) []string
	// Around says what is known around a feed; may be nil.
	Around func(s feeds.State) feeds.Around
	// Canonical gives the form of a link that identifies its article, without
	// tracking parameters; nil leaves a link to be found as it was given.
	Canonical func(link string) string
	// Log takes what the reader of an answer must not see; nil discards it.
	Log *slog.Logger
	// Cluster says how this machine stands in its cluster; nil when it is alone.
	Cluster func() (Cluster, error)
	// Now is the clock that Last-Modified is read from when a page changes
	// without a story saying when; nil is time.Now.
	Now func() time.Time
	// Ready is nil while what is polled can be kept and goes on being polled; a nil
	// Ready is always ready.
	Ready func(context.Context) error
	// Daemon is what the metrics say of the daemon; nil leaves it out.
	Daemon func() Daemon
	// Traffic counts the requests; nil counts those of this handler alone.
	Traffic *Traffic
	// Done is closed when event streams are to end, so that a shutdown does not
	// wait for them; nil never ends them.
	Done <-chan struct{}
	// Settle is how long after its first entry was seen a new story comes into
	// the merged feeds, so that a late original is in its place by then; 0 is at
	// once. The page and the API show it at once all the same.
	Settle time.Duration
	// TokenUser gives the user in whose name a token's secret changes things; nil,
	// or false: nobody may by that token. Safe for concurrent use.
	TokenUser func(secret string) (user string, ok bool, err error)
	// Users may log in with feed readers (package reader); nil: nobody.
	Users reader.Users
	// Editor takes editors' corrections; nil when none can be made.
	Editor Editor
	// Hub is the WebSub hub that the merged feeds name (rel="hub"); may be empty.
	Hub string
}

// server holds what all handlers share. It is read-only after New but for the
// caches, which lock themselves.
type server struct {
	Options
	source  Source
	outlets map[string]feeds.Outlet
	// feedOutlet leads from a feed's URL to its outlet's ID.
	feedOutlet map[string]string
	answers    *answers
	streams    atomic.Int64 // event streams that are open
	asking     *limiter     // of texts and links
}

// New makes the handler for everything that is served. It starts no goroutine
// and is safe for concurrent use.
func New(source Source, o Options) http.Handler {
	if o.Title == "" {
		o.Title = "aggregator"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Traffic == nil {
		o.Traffic = NewTraffic()
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	s := &server{Options: o, source: source, outlets: map[string]feeds.Outlet{}, feedOutlet: map[string]string{}, answers: newAnswers(), asking: newLimiter(askEvery, askBurst)}
	for _, outlet := range o.Outlets {
		s.outlets[outlet.ID] = outlet
	}
	for _, f := range o.Feeds {
		s.feedOutlet[f.URL] = f.Outlet
	}
	mux := &recorded{ServeMux: http.NewServeMux()}
	s.routes(mux)
	return s.guard(s.Traffic.count(mux, s.Now))
}

// recorded is a mux that knows its patterns.
type recorded struct {
	*http.ServeMux
	patterns []string
}

func (m *recorded) Handle(pattern string, h http.Handler) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.Handle(pattern, h)
}

func (m *recorded) HandleFunc(pattern string, h http.HandlerFunc) { m.Handle(pattern, h) }

// routes names every address. "GET" stands for HEAD too.
func (s *server) routes(mux *recorded) {
	feed := cached{perStory: true, age: "public, max-age=60"}
	fresh := cached{perStory: true, age: "no-cache"}
	live := cached{age: "no-cache"}
	fixed := cached{perStory: true, age: "public, max-age=31536000, immutable"}

	mux.Handle("GET /feed.atom", s.answer(feed, s.atom))
	mux.Handle("GET /feed.rss", s.answer(feed, s.rss))
	mux.Handle("GET /feed.json", s.answer(feed, s.jsonFeed))
	mux.HandleFunc("GET /feed", s.negotiate)
	mux.Handle("GET /feeds.opml", s.answer(fresh, s.opml))

	for _, o := range s.operations() {
		c := fresh
		if o.live {
			c = live
		}
		mux.Handle("GET "+o.path, s.answer(c, o.strict()))
	}
	mux.HandleFunc("GET /api/v1/first", s.apiFirst)
	mux.HandleFunc("POST /api/v1/first", s.apiFirst)
	mux.HandleFunc("GET /api/v1/events", s.events)
	mux.HandleFunc("POST "+correctionsPath, s.changing(s.makeCorrection))
	mux.HandleFunc("DELETE "+correctionsPath+"/{number}", s.changing(s.undoCorrection))
	mux.Handle("GET /api/openapi.json", s.answer(fresh, s.openAPI))

	mux.Handle("GET /{$}", s.answer(fresh, s.index))
	mux.Handle("GET /stories/{id}", s.answer(fresh, s.storyPage))
	mux.Handle("GET /outlets", s.answer(fresh, s.outletsPage))
	mux.Handle("GET /feeds", s.answer(live, s.feedsPage))
	mux.Handle("GET /static/{name}", s.answer(fixed, s.static))
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.metrics())
	if s.Users != nil {
		h := s.googleReader()
		for _, at := range []string{"/accounts/ClientLogin", "/reader/", reader.Prefix + "/"} {
			mux.Handle(at, h)
		}
	}
	mux.HandleFunc("/", s.nothingHere)
}

// health answers 200 while the source can be read.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	if _, _, err := s.source.Stories(stories.Query{Limit: 1}); err != nil {
		s.Log.Error("health: the source cannot be read", "error", err)
		s.writeProblem(w, r, problem{Status: http.StatusServiceUnavailable, Detail: "the stories cannot be read; the log says why"})
		return
	}
	writeOK(w)
}

// ready answers 200 while feeds are scheduled and what they bring can be kept.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	if s.Ready != nil {
		if err := s.Ready(r.Context()); err != nil {
			// The watch over the daemon logs it; the details may name paths.
			s.writeProblem(w, r, problem{Status: http.StatusServiceUnavailable, Detail: "not ready: the feeds are not being polled, or what they bring cannot be kept; the log says why"})
			return
		}
	}
	writeOK(w)
}

func writeOK(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n"))
}

func (s *server) nothingHere(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		if r.URL.Path == "/api/v1/first" {
			w.Header().Set("Allow", "GET, HEAD, POST")
		}
		if strings.HasPrefix(r.URL.Path, correctionsPath) {
			w.Header().Set("Allow", "GET, HEAD, POST, DELETE")
		}
		s.writeProblem(w, r, problem{Status: http.StatusMethodNotAllowed, Detail: "this address does not answer " + clip(r.Method, 20)})
		return
	}
	s.writeProblem(w, r, problem{Status: http.StatusNotFound, Detail: "there is nothing at this address; start at /, /feed.atom or /api/v1/stories"})
}

// base is the scheme and host that absolute addresses start with.
func (s *server) base(r *http.Request) string {
	if s.BaseURL != "" {
		return s.BaseURL
	}
	if u, err := url.Parse("http://" + r.Host); err == nil && u.Host == r.Host && u.Hostname() != "" {
		return "http://" + r.Host
	}
	return "http://localhost"
}

// tag makes an identifier that never changes (RFC 4151). Its authority is the
// host of BaseURL, so that two installations do not name two stories alike.
func (s *server) tag(specific string) string {
	host := "localhost"
	if u, err := url.Parse(s.BaseURL); err == nil && u.Hostname() != "" {
		host = strings.ToLower(u.Hostname())
	}
	return "tag:" + host + ",2026:" + specific
}

// nameOf is how people know an outlet.
func (s *server) nameOf(outlet string) string {
	if o, ok := s.outlets[outlet]; ok && o.Name != "" {
		return o.Name
	}
	return outlet
}

// namesOf names the outlets of a filter, which have commas between them.
func (s *server) namesOf(outlets string) string {
	list := strings.Split(outlets, ",")
	for i, o := range list {
		list[i] = s.nameOf(o)
	}
	return strings.Join(list, " and ")
}
