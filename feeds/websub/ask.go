package websub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

const (
	// verifyWithin is how long a hub may take to verify a request; then it is asked again.
	verifyWithin = time.Hour
	maxBackoff   = 7 * 24 * time.Hour
	// standardLease is taken when a hub does not say how long it subscribes for, and
	// maxLease when it says more.
	standardLease = 24 * time.Hour
	maxLease      = 90 * 24 * time.Hour
	minRenewal    = 10 * time.Minute
)

// subscribe asks the feed's hub for a subscription, or for a longer one. What the
// hub will verify is durable before it is asked.
func (s *Subscriber) subscribe(ctx context.Context, feed string) {
	var w feeds.WebSub
	now := s.Now()
	err := s.feeds.Subscribe(ctx, feed, func(old feeds.WebSub) feeds.WebSub {
		w = begun(old, now, s.Callback)
		return w
	})
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Error("a subscription could not be kept; it is tried again", "feed", feed, "err", err)
			pause(ctx, time.Minute)
		}
		return
	}
	if w.Hub == "" {
		return // it was withdrawn meanwhile
	}
	// No lease is asked for: hubs refuse those that they do not like, and give
	// their own to those who do not mind.
	form := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {w.Topic}, "hub.callback": {s.address(w.Token)}, "hub.secret": {w.Secret}}
	wait, err := s.hubs.post(ctx, w.Hub, form, s.Settings[feed])
	if err == nil || ctx.Err() != nil {
		return
	}
	s.Log.Warn("a hub refuses a subscription; the feed is polled as if it had none", "feed", feed, "hub", w.Hub, "problem", err)
	s.change(ctx, feed, func(w feeds.WebSub) feeds.WebSub {
		w.Awaiting = false
		return failed(w, now, err.Error(), wait)
	})
}

// begun is a subscription whose hub is about to be asked.
func begun(w feeds.WebSub, now time.Time, callback string) feeds.WebSub {
	if w.Hub == "" {
		return w
	}
	if w.Token == "" {
		// The same for all renewals: hubs know a subscription by it, and some keep
		// the first secret.
		w.Token, w.Secret = rand.Text(), rand.Text()+rand.Text()
	}
	if w.Awaiting {
		w = failed(w, now, "the hub took the request and did not verify it; it must be able to reach "+callback, 0)
	}
	w.Asked, w.Awaiting, w.Next = now, true, now.Add(max(verifyWithin, backoff(w.Failures)))
	return w
}

func failed(w feeds.WebSub, now time.Time, problem string, wait time.Duration) feeds.WebSub {
	w.Failures++
	w.Problem = problem
	w.Next = now.Add(max(backoff(w.Failures), wait))
	return w
}

// backoff is an hour, doubled with each failure.
func backoff(failures int) time.Duration {
	d := time.Hour
	for range min(failures-1, 10) {
		d *= 2
	}
	return min(d, maxBackoff)
}

// verified is a subscription that its hub has confirmed for a lease.
func verified(w feeds.WebSub, now time.Time, lease time.Duration) feeds.WebSub {
	if !w.Until.After(now) {
		w.Since, w.Late, w.Seen = now, 0, nil
	}
	w.Awaiting, w.Failures, w.Problem = false, 0, ""
	w.Until = now.Add(lease)
	w.Next = now.Add(max(renewal(w.Token, lease), minRenewal))
	return w
}

// denied is a subscription that its hub has refused or ended.
func denied(w feeds.WebSub, now time.Time, reason string) feeds.WebSub {
	w.Awaiting, w.Until = false, time.Time{}
	return failed(w, now, strings.TrimSuffix("the hub denies the subscription: "+reason, ": "), maxBackoff)
}

// renewal is when in its lease a subscription is renewed: after three to seven
// eighths of it. Where in between follows from a hash of the token, which is random:
// subscriptions that were made together are not renewed together, and a restart moves
// none.
func renewal(token string, lease time.Duration) time.Duration {
	return lease*3/4 + time.Duration(xxhash.Sum64String(token)%uint64(lease/8+1))
}

// lease reads hub.lease_seconds. Some hubs write 0 or nothing.
func lease(v string) time.Duration {
	seconds, err := strconv.ParseInt(v, 10, 64)
	switch {
	case err != nil || seconds <= 0:
		return standardLease
	case seconds > int64(maxLease/time.Second):
		return maxLease
	}
	return time.Duration(seconds) * time.Second
}

// leave ends a subscription. It is asked for once: a hub that goes on pushing is
// answered 410.
func (s *Subscriber) leave(ctx context.Context, token string, d departure) {
	form := url.Values{"hub.mode": {"unsubscribe"}, "hub.topic": {d.topic}, "hub.callback": {s.address(token)}}
	switch _, err := s.hubs.post(ctx, d.hub, form, s.Settings[d.feed]); {
	case err == nil && s.Left != nil:
		s.Left(ctx, d.feed)
	case err != nil && ctx.Err() == nil:
		s.Log.Info("a hub does not take the end of a subscription", "feed", d.feed, "hub", d.hub, "problem", err)
	}
}

func (s *Subscriber) change(ctx context.Context, feed string, f func(feeds.WebSub) feeds.WebSub) {
	if err := s.feeds.Subscribe(ctx, feed, f); err != nil && ctx.Err() == nil {
		s.Log.Error("what a hub said could not be kept", "feed", feed, "err", err)
	}
}

// hubs makes requests to hubs. A hub's address comes out of a feed: it is held to
// the same rules as the feed's own.
type hubs struct {
	mu      sync.Mutex
	clients map[string]*http.Client // by allowed ranges
}

func (h *hubs) client(allow []string) (*http.Client, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := strings.Join(allow, " ")
	if c := h.clients[key]; c != nil {
		return c, nil
	}
	c, err := fetch.Guarded(allow)
	if err == nil {
		h.clients[key] = c
	}
	return c, err
}

// maxHops bounds the redirects of one request (307 and 308 only).
const maxHops = 3

// post sends a request; the error says in words why the hub did not take it, and
// wait is how long it wants to be left alone.
func (h *hubs) post(ctx context.Context, hub string, form url.Values, set feeds.Settings) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	client, err := h.client(set.AllowPrivate)
	if err != nil {
		return 0, err
	}
	at, err := url.Parse(hub)
	if err != nil {
		return 0, errors.New("its address cannot be read")
	}
	for range maxHops + 1 {
		if fetch.OptedOut(set.OptOut, at) {
			return 0, errors.New("the hub's host is on the list of those that asked to be left alone")
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(form.Encode()))
		if err != nil {
			return 0, errors.New("its address cannot be used")
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("User-Agent", fetch.UserAgent(&set))
		res, err := client.Do(req)
		if err != nil {
			return 0, errors.New(fetch.Explain(ctx, err))
		}
		said, _ := io.ReadAll(io.LimitReader(res.Body, 200))
		res.Body.Close()
		switch to, err := res.Location(); {
		case res.StatusCode/100 == 2:
			return 0, nil
		case slices.Contains([]int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect}, res.StatusCode) && err == nil:
			if at.Scheme == "https" && to.Scheme != "https" {
				return 0, errors.New("the hub redirects from https to " + to.Scheme)
			}
			at = to
		default:
			words := strings.Join(strings.Fields(strings.ToValidUTF8(string(said), "")), " ")
			return fetch.Pause(res), fmt.Errorf("the hub answered %d %s", res.StatusCode, words)
		}
	}
	return 0, errors.New("the hub redirects too often")
}
