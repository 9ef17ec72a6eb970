package poll

import (
	"context"
	"net/http"
	"runtime"
	"slices"

	"aggregator/feeds"
	"aggregator/feeds/parse"

	"github.com/cespare/xxhash/v2"
)

// result is what came of one poll, on its way back to the loop.
type result struct {
	feed    *feed
	state   feeds.State
	answer  answer
	aborted bool  // given up because the program stops: it says nothing about the feed
	idle    bool  // it is not kept yet, and may be later
	err     error // of the sink
}

// poll asks a feed once and hands what came of it to the sink, or has both done
// elsewhere; r takes that. It runs beside the loop, which leaves f.state alone meanwhile.
// trust is what the loop knew when it started the poll; see keep for patient.
func (p *Poller) poll(ctx context.Context, f *feed, trust trust, patient bool, r *result) {
	r.feed = f
	if e := p.opts.Elsewhere; e != nil {
		var made bool
		from := p.clock.wall()
		r.state, made = e.Poll(ctx, f.state)
		if r.aborted = !made; made {
			ours(&r.state, from, p.clock.wall())
		}
		return
	}
	p.ask(ctx, f, trust, r)
	if r.idle = idle(&f.state, &r.state) && p.opts.Diary.works() && p.refused.Load() == nil; !r.idle {
		r.err = p.keep(ctx, r.poll(f.sub.Outlet.ID), patient, -1)
	}
}

// ask makes the request, reads the answer and decides what follows, all of which goes
// into r, which is empty before.
func (p *Poller) ask(ctx context.Context, f *feed, trust trust, r *result) {
	old, a := &f.state, &r.answer
	a.at, a.ran = p.now()
	if err := p.opts.Diary.note(f.place, a.at, a.ran.For); err != nil {
		p.log.Warn("a request that is under way when the program is killed may be made again too early", "err", err)
	}
	req := request(old, f.rules.settings, a.at)
	if req.URL == f.path[0] {
		req.Address = f.address
	}
	a.resp = p.get(ctx, req)
	if ctx.Err() != nil && a.resp.Outcome == feeds.Failed {
		r.state, r.aborted = stopped(*old, a, &f.rules), true
		return
	}
	p.witness(a, f.host.name)
	if a.resp.Outcome == feeds.Changed {
		a.read(old, f)
		a.resp.Body = nil // a poll may wait long for the sink, with many others
	}
	if len(trust.frozen) > 0 && len(a.resp.Redirects) > 0 {
		to, _ := hostName(a.resp.FinalURL)
		a.until, a.frozen = trust.frozen[to]
	}
	a.unheard = a.silent(old, f.host.name)
	a.offline = trust.offline && a.unheard
	r.state = decide(*old, a, &f.rules)
}

// poll is what the sink is to keep of a result.
func (r *result) poll(outlet string) feeds.Poll {
	s, a := &r.state, &r.answer
	out := feeds.Poll{Feed: s.URL, Outlet: outlet, At: a.at, Ran: a.ran, Took: a.resp.Took, Outcome: s.Outcome, State: *s}
	if s.Outcome == feeds.Changed && a.document != nil {
		out.Items = a.document.Items
	}
	return out
}

// read hashes the body, and parses it unless it is the one before.
func (a *answer) read(old *feeds.State, f *feed) {
	a.hash = xxhash.Sum64(a.resp.Body)
	if a.hash == old.BodyHash {
		return
	}
	a.parse(old, f)
}

// parsing holds one for each document that is being parsed. More at once than there
// are processors would only take memory.
var parsing = make(chan struct{}, runtime.GOMAXPROCS(0))

// parse reads the body, but for the items that are known.
func (a *answer) parse(old *feeds.State, f *feed) {
	parsing <- struct{}{}
	defer func() { <-parsing }()
	known := make(map[uint64]struct{}, len(old.Known))
	for _, raw := range old.Known {
		known[raw] = struct{}{}
	}
	doc := parse.Parse(parse.Input{
		Body: a.resp.Body, ContentType: a.resp.ContentType, URL: a.resp.FinalURL, Outlet: f.sub.Outlet,
		Known: func(raw uint64) bool { _, ok := known[raw]; return ok },
	})
	a.document = &doc
	doc.Items = slices.DeleteFunc(doc.Items, func(it feeds.Item) bool { return it.Entry != nil && saysNothing(it.Entry) })
	a.raws = make([]uint64, len(doc.Items))
	for i := range doc.Items {
		item := &doc.Items[i]
		a.raws[i] = item.Raw
		if _, ok := known[item.Raw]; !ok {
			a.fresh++
		}
		if item.Entry != nil {
			// The feed's key, not the address that a redirect led to.
			item.Entry.Feed, item.Entry.Outlet = old.URL, f.sub.Outlet.ID
		}
	}
}

// saysNothing reports an item that is empty but for a date or a category: there is
// nothing to show, nothing to follow and nothing to know it by.
func saysNothing(e *feeds.Entry) bool {
	return e.GUID == "" && e.Link == "" && e.Title == "" && e.Summary == "" && e.Content == "" && e.Image == "" &&
		len(e.Links) == 0 && len(e.Enclosures) == 0
}

// stopped is the state after a request that was given up because the program
// stops: it was made, and nothing is known of its answer.
func stopped(old feeds.State, a *answer, r *rules) feeds.State {
	s := old
	s.LastRequest = a.at
	unanswered(&s, a.resp.Problem)
	s.NextDue, s.DueReason = next(&s, r)
	return s
}

// unanswered notes a request of whose answer nothing is known.
func unanswered(s *feeds.State, problem string) {
	s.Polls++
	s.Status, s.Problem = 0, problem
	if s.Outcome != feeds.Gone { // which has its own pace
		s.Outcome = feeds.Failed
	}
}

// silent reports whether the publisher at a host said nothing: there was no answer at
// all, or the network's own in the place of one: 511 (RFC 6585), somebody else's page, or
// a page where there used to be a feed, which alone would be the publisher's doing.
func (a *answer) silent(old *feeds.State, host string) bool {
	switch {
	case a.resp.Outcome == feeds.Failed && a.resp.Status == 0, a.resp.Status == http.StatusNetworkAuthenticationRequired:
		return true
	case a.document == nil || a.document.Status != parse.Refused:
		return false
	case len(a.resp.Redirects) == 0:
		return !old.LastObserved.IsZero()
	}
	to, _ := hostName(a.resp.FinalURL)
	return to != host
}
