package poll

import (
	"container/heap"
	"context"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

func (l *loop) queue(f *feed) {
	h := f.host
	h.queue = append(h.queue, f)
	l.offer(h)
}

// offer puts a host among those that may start a request.
func (l *loop) offer(h *host) {
	switch {
	case len(h.queue) == 0 || h.flying >= h.parallel:
		if h.index >= 0 {
			heap.Remove(&l.waiting, h.index)
		}
	case h.index < 0:
		heap.Push(&l.waiting, h)
	default:
		heap.Fix(&l.waiting, h.index)
	}
}

// start begins as many polls as the limits allow.
func (l *loop) start(work context.Context, now time.Time) {
	for l.flying < l.opts.Parallel && len(l.waiting) > 0 && !l.waiting[0].ready().After(now) {
		h := l.waiting[0]
		f := h.queue[0]
		h.queue[0] = nil
		h.queue = h.queue[1:]
		if other := f.other(h); other != nil {
			if !other.free(now) { // it waits there, and comes back if h is busy then
				other.queue = append(other.queue, f)
				l.offer(h)
				l.offer(other)
				continue
			}
			other.took(now)
			l.offer(other)
		}
		h.took(now)
		l.flying++
		l.offer(h)
		f.busy, f.fresh, f.moved = true, false, l.moved
		if l.flying > l.workers {
			l.workers++
			l.crew.Go(func() { l.labour(work) })
		}
		l.jobs <- job{f, l.portal.trust(now), l.result()} // there is room for as many as may fly
	}
}

// result gives an empty one.
func (l *loop) result() *result {
	n := len(l.results)
	if n == 0 {
		return new(result)
	}
	r := l.results[n-1]
	l.results = l.results[:n-1]
	return r
}

// disperse sends those who wait for a host that now wants a pause away: back to
// the due feeds, or, in Once, home.
func (l *loop) disperse(h *host) {
	if !h.paused.After(l.lastWall) {
		return
	}
	for _, f := range h.queue {
		if l.once {
			l.log.Info("a feed is left out", "feed", f.state.URL, "why", h.why)
			continue
		}
		l.settleDown(f)
	}
	h.queue = nil
}

// rehost follows a feed whose learned address lies on another host, or whose
// redirects lead to one: where the feed was seen last, so that the page of a captive
// portal is no such host.
func (l *loop) rehost(f *feed, a *answer) {
	final := f.state.ValidatorsOf
	if f.state.Outcome == feeds.RateLimited && len(a.resp.Redirects) > 0 && a.resp.FinalURL != "" {
		final = a.resp.FinalURL
	}
	if path := [2]string{asked(&f.state), final}; path != f.path {
		if h, err := l.hostOf(path[0], f.rules.settings); err == nil {
			f.host = h
		}
		f.via, f.path = l.viaOf(f, final), path
		f.address, _ = fetch.ReadAddress(path[0]) // what is wrong with it, to ask it says
	}
	if f.via != nil && f.via.gap > 0 {
		// When it was reached is not known; not after the answer.
		f.via.next = later(f.via.next, a.at.Add(a.resp.Took).Add(f.via.gap))
		l.offer(f.via)
	}
}
