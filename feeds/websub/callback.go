package websub

import (
	"crypto/subtle"
	"io"
	"net/http"
	"strings"

	"aggregator/feeds"
)

// Path is where hubs call; the rest of the address is a subscription's token.
const Path = "/websub/"

func (s *Subscriber) address(token string) string { return s.Callback + Path + token }

// ServeHTTP answers a hub: GET is its question whether a subscription is meant, POST
// is something new. Nobody is redirected.
func (s *Subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	token := strings.TrimPrefix(r.URL.Path, Path)
	switch r.Method {
	case http.MethodGet:
		s.answer(w, r, token)
	case http.MethodPost:
		s.take(w, r, token)
	default:
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// answer verifies the intent (WebSub, section 5.3): only what was asked for, is not
// verified yet, and is for its own topic is confirmed; that once.
func (s *Subscriber) answer(w http.ResponseWriter, r *http.Request, token string) {
	q := r.URL.Query()
	topic, challenge := q.Get("hub.topic"), q.Get("hub.challenge")
	s.mu.Lock()
	defer s.mu.Unlock()
	feed, now := s.tokens[token], s.Now()
	sub, left := s.subs[feed], s.leaving[token]
	pending := feed != "" && sub.Awaiting && same(topic, sub.Topic)
	status := http.StatusNotFound
	switch mode := q.Get("hub.mode"); {
	case mode == "subscribe" && pending && challenge != "":
		lease := lease(q.Get("hub.lease_seconds"))
		status = s.enqueue(said{feed: feed, change: of(token, func(w feeds.WebSub) feeds.WebSub { return verified(w, now, lease) })})
	case mode == "denied" && feed != "" && same(topic, sub.Topic):
		reason := clip(q.Get("hub.reason"))
		s.Log.Warn("a hub denies a subscription; the feed is polled as if it had none", "feed", feed, "hub", sub.Hub, "reason", reason)
		status = s.enqueue(said{feed: feed, change: of(token, func(w feeds.WebSub) feeds.WebSub { return denied(w, now, reason) })})
		challenge = ""
	case mode == "unsubscribe" && left.topic != "" && same(topic, left.topic) && challenge != "":
		delete(s.leaving, token)
		status = http.StatusOK
	}
	if status == http.StatusAccepted {
		status = http.StatusOK
		sub.Awaiting = false // until the state says so
		s.subs[feed] = sub
	}
	if status != http.StatusOK {
		challenge = ""
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, challenge)
}

// of is a change that holds for the subscription with that token only: by the time
// that it is made there may be another one.
func of(token string, f func(feeds.WebSub) feeds.WebSub) func(feeds.WebSub) feeds.WebSub {
	return func(w feeds.WebSub) feeds.WebSub {
		if w.Token != token {
			return w
		}
		return f(w)
	}
}

// enqueue has something done by Run, and gives the status to answer with. The
// caller holds mu.
func (s *Subscriber) enqueue(x said) int {
	if s.closed || s.queued+len(x.body) > maxQueued {
		return http.StatusServiceUnavailable
	}
	select {
	case s.queue <- x:
		s.queued += len(x.body)
		return http.StatusAccepted
	default:
		return http.StatusServiceUnavailable
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if r := []rune(s); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return s
}

// take puts what a hub pushed into the queue (WebSub, section 7). A push for
// nobody is answered 410, so that the hub ends that subscription; one whose signature
// is wrong is dropped without a word to whoever sent it.
func (s *Subscriber) take(w http.ResponseWriter, r *http.Request, token string) {
	s.mu.Lock()
	feed := s.tokens[token]
	secret := s.subs[feed].Secret
	s.mu.Unlock()
	if feed == "" {
		w.WriteHeader(http.StatusGone)
		return
	}
	limit := s.Settings[feed].MaxBody
	if limit <= 0 || limit > maxQueued/2 {
		limit = maxQueued / 2
	}
	if r.ContentLength > limit {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	status := http.StatusServiceUnavailable
	select {
	case s.reading <- struct{}{}:
		status = s.receive(w, r, feed, secret, limit)
		<-s.reading
	default:
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "30")
	}
	w.WriteHeader(status)
}

func (s *Subscriber) receive(w http.ResponseWriter, r *http.Request, feed, secret string, limit int64) (status int) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return http.StatusRequestEntityTooLarge
	}
	if !Verify(r.Header.Get("X-Hub-Signature"), secret, body) {
		s.Log.Info("a push without a right signature is ignored", "feed", feed, "bytes", len(body))
		return http.StatusAccepted
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enqueue(said{feed: feed, contentType: r.Header.Get("Content-Type"), body: body})
}
