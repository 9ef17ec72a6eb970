package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"aggregator/cmd/aggregator/demo"
	"aggregator/feeds"
	"aggregator/store"
	"aggregator/stories"
)

// watcher prints what the demo's daemon finds: every story once all feeds were
// polled, then what changes, and every story again after the last event.
type watcher struct {
	out     io.Writer
	store   *store.Store
	samples *demo.Outlets
	names   map[string]feeds.Outlet
	known   map[uint64]stories.Story
}

// watch returns when ctx ends; the store may be closed only then.
func (w *watcher) watch(ctx context.Context) error {
	if err := w.firstRound(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	list, err := w.list()
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "After the first round: %d stories.\n\n", len(list))
	w.tell(list)
	w.remember(list)
	events := demo.Timeline()
	began := w.samples.Began()
	fmt.Fprintf(w.out, "Over the next minute the outlets publish more. Ctrl-C ends the demo.\n\n")
	for {
		_, changed := w.store.Changed()
		if err := w.news(); err != nil {
			return err
		}
		var event <-chan time.Time
		if len(events) > 0 {
			event = time.After(time.Until(began.Add(events[0].After)))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-event:
			fmt.Fprintf(w.out, "%s  %s\n", clock(time.Now()), events[0].What)
			if events = events[1:]; len(events) == 0 {
				return w.finish(ctx)
			}
		}
	}
}

// firstRound waits until every feed was polled.
func (w *watcher) firstRound(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		states, err := w.store.States()
		if err != nil {
			return err
		}
		polled := 0
		for _, f := range w.samples.Feeds() {
			if states[f.URL].Polls > 0 {
				polled++
			}
		}
		if polled == len(w.samples.Feeds()) {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// finish waits for the last event's poll and tells all stories again.
func (w *watcher) finish(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(2 * demoEvery):
	}
	if err := w.news(); err != nil {
		return err
	}
	list, err := w.list()
	if err != nil {
		return err
	}
	shared := 0
	for i := range list {
		if list[i].Outlets() > 1 {
			shared++
		}
	}
	fmt.Fprintf(w.out, "\nAll is published: %d stories, %d of them carried by more than one outlet.\n\n", len(list), shared)
	w.tell(list)
	fmt.Fprintf(w.out, "Still serving. Ctrl-C ends the demo.\n")
	<-ctx.Done()
	return nil
}

func (w *watcher) list() ([]stories.Story, error) {
	list, _, err := w.store.Stories(stories.Query{Limit: 1000})
	return list, err
}

// tell prints stories: those of several outlets whole, the others a line each.
func (w *watcher) tell(list []stories.Story) {
	alone := newTable(w.out)
	for i := range list {
		if s := &list[i]; s.Outlets() > 1 {
			printStory(w.out, s, w.name)
		} else {
			alone.row("  "+w.name(s.Members[0].Outlet), s.Members[0].Title)
		}
	}
	fmt.Fprintf(w.out, "Carried by one outlet only (%d):\n", len(alone.rows))
	alone.print()
	fmt.Fprintln(w.out)
}

func (w *watcher) remember(list []stories.Story) {
	w.known = map[uint64]stories.Story{}
	for _, s := range list {
		w.known[s.ID] = s
	}
}

// news prints a line for each thing that changed since the last look.
func (w *watcher) news() error {
	list, err := w.list()
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		old, ok := w.known[s.ID]
		if !ok {
			fmt.Fprintf(w.out, "%s    new story: %q, on %s (%s)\n", clock(time.Now()), s.Members[0].Title, s.Verdict.Name, s.Verdict.Confidence)
			continue
		}
		for _, m := range s.Members[min(len(old.Members), len(s.Members)):] {
			fmt.Fprintf(w.out, "%s    %s joins %q: %s\n", clock(time.Now()), w.name(m.Outlet), s.Members[0].Title, how(s, m))
		}
		switch v := s.Verdict; {
		case v.Name != old.Verdict.Name:
			fmt.Fprintf(w.out, "%s    attribution corrected from %s to %s (%s, %s)\n              %s\n", clock(time.Now()), old.Verdict.Name, v.Name, v.Basis, v.Confidence, v.Reason)
		case v.Entry != old.Verdict.Entry:
			fmt.Fprintf(w.out, "%s    the original at %s has come in (%s, %s)\n", clock(time.Now()), v.Name, v.Basis, v.Confidence)
		}
	}
	w.remember(list)
	return nil
}

func (w *watcher) name(outlet string) string {
	if o, ok := w.names[outlet]; ok {
		return o.Name
	}
	return outlet
}

// printStory prints a story for people: headline, verdict, reason, carriers.
func printStory(out io.Writer, s *stories.Story, name func(string) string) {
	lead := s.Members[0]
	for _, m := range s.Members {
		if m.Entry == s.Verdict.Entry {
			lead = m
		}
	}
	v := s.Verdict
	fmt.Fprintln(out, paint(out, bold, plain(lead.Title)))
	fmt.Fprintf(out, "  %s %s%s (%s, %s)\n", leadWords(v.Confidence), v.Name, when(v.Entry, &v.At), v.Basis, paint(out, confidenceColour(string(v.Confidence)), string(v.Confidence)))
	paragraph(out, "  ", why(v.Reason, v.Confidence, v.Name))
	if len(s.Members) > 1 {
		t := newTable(out)
		for _, m := range s.Members {
			t.row("    "+name(m.Outlet), cellTime(timeOut(s.Appeared(&m))), how(s, m))
		}
		t.print()
	}
	fmt.Fprintln(out)
}

// leadWords introduce the outlet of a verdict, no more firmly than it stands.
func leadWords(c stories.Confidence) string {
	switch c {
	case stories.Certain:
		return "First published on"
	case stories.Likely:
		return "Probably first published on"
	case stories.Tie:
		return "Published at the same time by others and"
	}
	return "Who was first is not known; carried by"
}

// why is a verdict's reason without the words that introduced its outlet already.
func why(reason string, c stories.Confidence, name string) string {
	return strings.TrimPrefix(reason, leadWords(c)+" "+name+": ")
}

// how says in what way a member tells the story.
func how(s *stories.Story, m stories.Member) string {
	for _, g := range s.Groups {
		switch {
		case g.Original != m.Entry && g.Original != m.CopyOf:
			continue
		case g.Verdict.Entry == 0 && g.Verdict.Name != "":
			return "carries the text of " + g.Verdict.Name
		case g.Verdict.Entry == m.Entry, g.Original == m.Entry:
			return "the text that others copy"
		}
		return "copy, " + percent(m.Share) + " of the text"
	}
	return "its own words"
}

// percent writes a share without claiming more than whole per cents.
func percent(perMille int) string { return fmt.Sprintf("%d %%", (perMille+5)/10) }
