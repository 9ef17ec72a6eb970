package poll

import "time"

// finish takes back a feed whose poll has ended, and where what came of it stands.
func (l *loop) finish(r *result) {
	l.take(r)
	*r = result{}
	l.results = append(l.results, r)
}

func (l *loop) take(r *result) {
	f, h, via := r.feed, r.feed.host, r.feed.via
	f.here = true
	l.flying--
	h.flying--
	if via != nil {
		via.flying--
	}
	if r.err != nil {
		l.log.Error("a poll could not be stored; the feed will be asked again", "feed", f.state.URL, "err", r.err)
		r.state = unstored(f, r)
	} else if !r.aborted {
		l.note(f, r)
	}
	f.refused = r.err != nil
	l.adopt(f, r.state)
	l.rehost(f, &r.answer)
	if pauses(&f.state, f.rules.settings) {
		l.pause(f.answering(), f.state.NotBefore, pauseReason(f))
		l.disperse(f.answering())
	}
	l.offer(h)
	if via != nil {
		l.offer(via)
	}
	if r.idle {
		l.gather(f, r.poll(f.sub.Outlet.ID))
		return
	}
	l.settleDown(f)
}

// note logs what an operator should see, and tells the portal watch.
func (l *loop) note(f *feed, r *result) {
	old, s := &f.state, &r.state
	l.see(&r.answer, f.host.name)
	switch {
	case r.answer.offline: // it was logged when it began
	case !s.Outcome.Observed() && (old.Failures == 0 || old.Outcome != s.Outcome):
		l.log.Warn("a poll failed", "feed", s.URL, "outcome", string(s.Outcome), "problem", s.Problem, "next", s.NextDue, "why", s.DueReason)
	case old.PollURL != s.PollURL:
		l.log.Info("a feed is asked at another address from now on", "feed", s.URL, "address", asked(s))
	}
	if asked, granted := hint(s), orDuration(f.rules.settings.MaxFresh, 24*time.Hour); asked > granted && hint(old) <= granted {
		l.log.Info("a publisher asks for a longer wait than is granted", "feed", s.URL, "asked", words(asked), "granted", words(granted))
	}
	if s.Lies == maxLies && old.Lies < maxLies {
		l.log.Warn("a server sends the same ETag for different documents; its 304 is not believed any more", "feed", s.URL)
	}
}
