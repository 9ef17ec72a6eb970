package stories

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"aggregator/feeds"
)

// reasons puts a decision in words, strongest first.
func (x *Index) reasons(entry uint64, e *feeds.Entry, f *features, d *decision) []string {
	var out []string
	if word := x.ruledReason(entry); word != "" {
		out = append(out, word)
	}
	if d.best == nil {
		return append(out, d.near.reason())
	}
	other := x.slots.at(d.best.pos).id
	ev := &d.best.ev
	if d.copied != nil {
		out = append(out, copyReason(f, d.best, other))
		if ev.heads > 0 {
			out = append(out, fmt.Sprintf("%d.%d %% of the shorter headline's word runs stand in the other headline", ev.heads/10, ev.heads%10))
		}
	} else {
		out = append(out, fmt.Sprintf("reports the event of its story: %s points, %s needed, weighed against %d of its entries, most of all entry %d", points(d.score), points(joinAt), d.members, other))
	}
	for _, o := range d.more {
		out = append(out, fmt.Sprintf("fits the story of entry %d, too: %s points, %s needed to make the two one", o.entry, points(o.score), points(o.need)))
	}
	return append(out, x.sharedWords(e, f, d.best.f)...)
}

// reason says what an entry that joins no story came nearest to, and what it lacked.
func (n *near) reason() string {
	switch {
	case n.entry == 0:
		return "nothing in the window resembles it"
	case n.score == math.MinInt:
		return fmt.Sprintf("began a story of its own: nearest was entry %d; telling words in common: %d, too few", n.entry, n.words)
	case n.frame:
		return fmt.Sprintf("began a story of its own: nearest was entry %d; no name or number in common tells of one event", n.entry)
	}
	return fmt.Sprintf("began a story of its own: nearest was entry %d, %s points short", n.entry, points(joinAt-n.score))
}

// points is a score in words, which counts thousandths and is not negative.
func points(score int) string { return fmt.Sprintf("%d.%02d", score/1000, score%1000/10) }

// mention is how a reason names an entry.
var mention = regexp.MustCompile(`\bentry ([0-9]+)\b`)

// Named gives a reason with the entries that it names by number named as well by what
// is known of them, which may be nothing: "entry 7 (Premium Times: “Ferry sinks”)".
func Named(reason string, known func(entry uint64) (outlet, headline string)) string {
	return mention.ReplaceAllStringFunc(reason, func(m string) string {
		id, err := strconv.ParseUint(strings.TrimPrefix(m, "entry "), 10, 64)
		if err != nil {
			return m
		}
		outlet, headline := known(id)
		switch {
		case headline == "" && outlet == "":
			return m
		case headline == "":
			return m + " (" + outlet + ")"
		case outlet == "":
			return m + " (“" + headline + "”)"
		}
		return m + " (" + outlet + ": “" + headline + "”)"
	})
}

// copyReason says by what one of two texts is a copy, and what that takes.
func copyReason(f *features, j *judged, other uint64) string {
	ev := &j.ev
	if need := ev.neededRuns(f, j.f); ev.compared >= leastCompared && ev.runs >= need {
		return fmt.Sprintf("%d.%d %% of the shorter text's word runs stand in entry %d, too (%d of %d); %d.%d %% are needed", ev.runs/10, ev.runs%10, other, ev.common, ev.compared, need/10, need%10)
	}
	return fmt.Sprintf("its headline is that of entry %d: %d.%d %% alike, %d.%d %% are needed; %d.%d %% of the text's word runs stand there, too", other, ev.titles/10, ev.titles%10, leastAlike/10, leastAlike%10, ev.runs/10, ev.runs%10)
}

// maxShown is how many names and how many other words a reason lists.
const maxShown = 6

// sharedWords lists the weightiest telling words of e that stand in o, as e writes them:
// names and numbers, then others.
func (x *Index) sharedWords(e *feeds.Entry, f, o *features) (out []string) {
	var names, words []string
	for i := range f.terms {
		t := &f.terms[i]
		list := &words
		if t.flags&(flagName|flagNumber) != 0 {
			list = &names
		}
		if len(*list) == maxShown || t.rarity < minTelling || !slices.ContainsFunc(o.terms, func(u term) bool { return wordOf(u.hash) == wordOf(t.hash) }) {
			continue
		}
		if w := x.spelling(e, t.hash); w != "" {
			*list = append(*list, `"`+w+`"`)
		}
	}
	if len(names) > 0 {
		out = append(out, "they share the names and numbers "+strings.Join(names, ", "))
	}
	if len(words) > 0 {
		out = append(out, "they share the words "+strings.Join(words, ", "))
	}
	return out
}

// spelling finds how e writes a word. The words of e were just read.
func (x *Index) spelling(e *feeds.Entry, hash uint32) string {
	for _, w := range x.scratch.heads {
		if wordKey(w.hash) == hash {
			return e.Title[w.start:w.end]
		}
	}
	for _, w := range x.scratch.words {
		if wordKey(w.hash) == hash {
			return e.Text[w.start:w.end]
		}
	}
	return ""
}
