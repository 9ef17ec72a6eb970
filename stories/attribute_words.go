package stories

import (
	"fmt"
	"strings"
	"time"

	"aggregator/feeds"
)

// possessive: "Daily Scoop's", "Reuters'".
func possessive(name string) string {
	if strings.HasSuffix(name, "s") {
		return name + "'"
	}
	return name + "'s"
}

// span writes a duration as people say it, rounded down.
func span(d time.Duration) string {
	count := func(n int, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%d %ss", n, unit)
	}
	switch {
	case d < time.Minute:
		return count(int(d/time.Second), "second")
	case d < 2*time.Hour:
		return count(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return count(int(d/time.Hour), "hour")
	}
	return count(int(d/(24*time.Hour)), "day")
}

func clock(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") }

func quote(phrase string) string {
	const most = 120
	if len(phrase) <= most {
		return "“" + phrase + "”"
	}
	cut := strings.LastIndexByte(phrase[:most], ' ')
	if cut < most/2 {
		for cut = most; cut > 0 && phrase[cut]&0xC0 == 0x80; cut-- {
		}
	}
	return "“" + phrase[:cut] + " …”"
}

// says is the clause that reports a statement: "Daily Scoop's copy says so in
// its footer (“…”)".
func says(s statement, d *Directory) string {
	by := possessive(nameOf(s.by.Outlet, d)) + " copy"
	verb := "says so"
	switch s.what.Kind {
	case feeds.Wire:
		verb = "credits it"
	case feeds.SourceElement:
		verb = "names it"
	}
	out := by + " " + verb
	if p := place(s.what.Where); p != "" {
		out += " " + p
	}
	if s.what.Phrase != "" {
		out += " (" + quote(s.what.Phrase) + ")"
	}
	return out
}

// The words for what is certain, and for what is likely.
const (
	firstOn, probablyOn    = "First published on ", "Probably first published on "
	isOrigin, probablyOrig = " is the origin", " is probably the origin"
)

func statedReason(o *origin, c Confidence, first, own *Member, seenFirst bool, d *Directory) string {
	head := probablyOn + o.name
	switch {
	case o.kind == feeds.Wire && c == Certain:
		head = o.name + isOrigin
	case o.kind == feeds.Wire:
		head = o.name + probablyOrig
	case c == Certain:
		head = firstOn + o.name
	}
	if o.outlet == "" {
		head += ", which is not followed here"
	}
	out := head + ": " + says(o.says[0], d)
	if n := o.voices - 1; n == 1 {
		out += ", and one other outlet agrees"
	} else if n > 1 {
		out += fmt.Sprintf(", and %d other outlets agree", n)
	}
	switch {
	case own == nil:
		return out + "; first seen here on " + nameOf(first.Outlet, d) + "."
	case seenFirst && judge(own) == claimEarlier && own.Published.Time.Before(appearance(first).best):
		than := "that of"
		if appearance(first).best.Equal(first.Seen.At) {
			than = "it was seen on"
		}
		return out + fmt.Sprintf(", and %s own date, %s before %s %s, agrees; its feed lagged.",
			possessive(o.name), span(appearance(first).best.Sub(own.Published.Time)), than, nameOf(first.Outlet, d))
	case seenFirst:
		return out + ", although the polls saw it on " + nameOf(first.Outlet, d) + " before it was in " + possessive(o.name) + " own feed."
	case own.Seen.Before(first.Seen):
		return out + fmt.Sprintf(", and the polls saw it there %s earlier.", span(first.Seen.At.Sub(own.Seen.At)))
	}
	return out + ", and the polls do not contradict it."
}

func refutedReason(o *origin, own, m *Member, d *Directory) string {
	return fmt.Sprintf("The evidence contradicts itself: %s, but the polls saw it on %s %s before it was on %s.",
		says(o.says[0], d), nameOf(m.Outlet, d), span(own.Seen.At.Sub(m.Seen.At)), o.name)
}

func disputedReason(o *origin, found []*origin, d *Directory) string {
	other := found[0]
	if other == o {
		other = found[len(found)-1]
	}
	return fmt.Sprintf("The entries disagree: for %s, %s; for %s, %s.", o.name, says(o.says[0], d), other.name, says(other.says[0], d))
}

func agencyReason(agency, first *Member, d *Directory) string {
	name := nameOf(agency.Outlet, d)
	return fmt.Sprintf("%s is the likely origin: it is a news agency, whose texts others carry; first seen here on %s.",
		name, nameOf(first.Outlet, d))
}

// aloneReason is for an entry that has no rival; others are portals that show
// it as well.
func aloneReason(m *Member, others []*Member, d *Directory) string {
	out := "Only " + nameOf(m.Outlet, d) + " carries it so far"
	for i, o := range others {
		switch {
		case o.Outlet == m.Outlet:
		case i == 0:
			out += ", besides the portal " + nameOf(o.Outlet, d)
		default:
			out += " and " + nameOf(o.Outlet, d)
		}
	}
	if !m.Seen.At.IsZero() {
		out += ", seen " + clock(m.Seen.At)
	}
	if _, c := alone(m); c == Unknown {
		return out + "; when it was published is not known, since it has no usable date and no poll was without it."
	}
	if !m.Seen.Bounded() {
		out += " in the first poll of its feed, so that only its date, " + clock(m.Published.Time) + ", says when"
	}
	return out + "."
}

// portalReason is for a text that only portals show, without saying whose it is.
func portalReason(m *Member, d *Directory) string {
	out := "Who published it first is not known: " + nameOf(m.Outlet, d) + " shows what others published, and does not say whose this is"
	if !m.Seen.At.IsZero() {
		out += "; seen there " + clock(m.Seen.At)
	}
	return out + "."
}

func timesReason(win, rival *Member, o order, d *Directory) string {
	out := byTheTimes(win, rival, o, d)
	before, after := win, rival
	if after.Entry < before.Entry {
		before, after = after, before
	}
	way := "forward"
	by := before.Clock.To(after.Clock)
	if by < 0 {
		way = "back"
	}
	if by.Abs() >= apart {
		out = strings.TrimSuffix(out, ".") + "; our clock was set " + way + " by " + span(by.Abs()) + " between the two sightings, which these times allow for."
	}
	return out
}

func byTheTimes(win, rival *Member, o order, d *Directory) string {
	a := nameOf(win.Outlet, d)
	b := nameOf(rival.Outlet, d)
	long, sure := ahead(win, rival)
	switch {
	case o.confidence == Certain:
		return fmt.Sprintf("First published on %s: the polls saw it there %s, when it was still absent from %s (seen there %s later).",
			a, clock(win.Seen.At), b, span(rival.Seen.At.Sub(win.Seen.At)))
	case o.basis == Observed && o.confidence == Likely && judge(rival) == claimEarlier && rival.Published.Time.Before(appearance(win).best):
		return fmt.Sprintf("Probably first published on %s: the polls saw it there %s before they saw it on %s, whose own date, %s earlier, looks back-dated.",
			a, span(rival.Seen.At.Sub(win.Seen.At)), b, span(appearance(win).best.Sub(rival.Published.Time)))
	case o.basis == Observed && o.confidence == Likely && rival.Published.Time.IsZero():
		return fmt.Sprintf("Probably first published on %s: the polls saw it there %s, when it was still absent from %s, which gives no date to check that by.",
			a, clock(win.Seen.At), b)
	case o.basis == Observed && o.confidence == Likely && win.Seen.Before(rival.Seen) && long < lagMargin:
		return fmt.Sprintf("Probably first published on %s: the polls saw it there %s and on %s %s later, which is close enough for a lagging feed to deceive.",
			a, clock(win.Seen.At), b, span(rival.Seen.At.Sub(win.Seen.At)))
	case o.basis == Observed && o.confidence == Likely && sure < min(long, lagUndated) && win.Seen.Before(rival.Seen):
		return fmt.Sprintf("Probably first published on %s: the polls saw it there %s, when it was still absent from %s, but our machine was started anew between, and how long it was down only its clock tells, which may have been wrong.",
			a, clock(win.Seen.At), b)
	case o.basis == Observed && o.confidence == Likely:
		return fmt.Sprintf("Probably first published on %s: the polls saw it there %s, when it was still absent from %s; a portal showed it earlier.",
			a, clock(win.Seen.At), b)
	case o.basis == Claimed && o.confidence == Likely:
		return fmt.Sprintf("Probably first published on %s: its date is %s earlier than that of %s, and the polls do not contradict it.", a, span(gap(win, rival)), b)
	case o.confidence == Unknown && judge(rival) == claimEarlier && rival.Published.Time.Before(appearance(win).best) && rival.Seen.At.Sub(win.Seen.At) < time.Minute:
		return fmt.Sprintf("Nobody can be called first: the polls found it on %s and %s together, and the date of %s, %s earlier, lies before a poll that did not have it.",
			a, b, b, span(appearance(win).best.Sub(rival.Published.Time)))
	case o.confidence == Unknown && judge(rival) == claimEarlier && rival.Published.Time.Before(appearance(win).best):
		return fmt.Sprintf("Nobody can be called first: the polls saw it on %s %s before they saw it on %s, whose own date is %s earlier; its feed may lag.",
			a, span(rival.Seen.At.Sub(win.Seen.At)), b, span(appearance(win).best.Sub(rival.Published.Time)))
	case o.confidence == Tie:
		return fmt.Sprintf("%s and %s published it within two minutes of each other by their own dates; neither can be called first.", a, b)
	}
	return fmt.Sprintf("Nobody can be called first: neither the polls nor the dates separate %s and %s.", a, b)
}

// uncreditedReason adds to a reason what weakens it: one text in two newsrooms
// that do not say whose it is.
func uncreditedReason(reason string) string {
	if rest, ok := strings.CutPrefix(reason, firstOn); ok {
		reason = probablyOn + rest
	}
	return strings.TrimSuffix(reason, ".") + "; neither says where the text is from, and both may have it from an agency."
}

func uncreditedEvidence(win, rival *Member, d *Directory) Evidence {
	return Evidence{Entry: win.Entry, Kind: "text", For: false,
		Text: fmt.Sprintf("neither %s nor %s says where the text is from; about half of such texts come from an agency", nameOf(win.Outlet, d), nameOf(rival.Outlet, d))}
}

// withOthers adds to a text's reason, which is as firm as c, how the story's other
// texts stand to it.
func withOthers(reason string, c Confidence, win, rival *Member, o order, d *Directory) string {
	reason = strings.TrimSuffix(reason, ".")
	a, b := nameOf(win.Outlet, d), nameOf(rival.Outlet, d)
	if c == Certain && o.confidence == Likely {
		if rest, ok := strings.CutPrefix(reason, firstOn); ok {
			reason = probablyOn + rest
		} else {
			reason = strings.Replace(reason, isOrigin, probablyOrig, 1)
		}
	}
	switch o.confidence {
	case Certain, Likely:
		later := ", by what is best known,"
		if g := gap(win, rival); g > 0 {
			later = " " + span(g) + " later"
		}
		return fmt.Sprintf("%s; %s reported the same event%s in its own words.", reason, b, later)
	case Tie:
		reason = "within two minutes of each other; neither can be called first. As to the text that " + a + " carries: " + reason
		return fmt.Sprintf("%s and %s reported the same event in words of their own %s.", a, b, reason)
	}
	return fmt.Sprintf("Nobody can be called first: whether %s reported the same event earlier in its own words is not known. As to the text that %s carries: %s.", b, a, reason)
}

// statedEvidence lists every statement: those for the chosen origin, and those
// for others, which speak against it.
// Whoever names an outlet that names the chosen origin speaks for it too.
func statedEvidence(o *origin, found []*origin, d *Directory) []Evidence {
	chain := map[*origin]bool{o: true}
	for range found { // as long as the longest chain
		for _, f := range found {
			for _, further := range found {
				for _, s := range further.says {
					if chain[further] && f.outlet != "" && s.by.Outlet == f.outlet {
						chain[f] = true
					}
				}
			}
		}
	}
	var out []Evidence
	for _, f := range found {
		for _, s := range f.says {
			kind := "stated"
			if s.what.Kind == feeds.Wire {
				kind = "wire"
			}
			text := fmt.Sprintf("%s names %s %s", nameOf(s.by.Outlet, d), f.name, place(s.what.Where))
			if s.what.Phrase != "" {
				text += ": “" + s.what.Phrase + "”"
			}
			out = append(out, Evidence{Entry: s.by.Entry, Kind: kind, Text: text, For: chain[f]})
		}
	}
	return out
}

func selfEvidence(s statement, winner string, d *Directory) Evidence {
	text := nameOf(s.by.Outlet, d) + " claims it for itself " + place(s.what.Where)
	if s.what.Phrase != "" {
		text += ": “" + s.what.Phrase + "”"
	}
	return Evidence{Entry: s.by.Entry, Kind: "self-claim", Text: text, For: s.by.Outlet == winner}
}

func agencyEvidence(m *Member, d *Directory) Evidence {
	return Evidence{Entry: m.Entry, Kind: "wire", For: true,
		Text: nameOf(m.Outlet, d) + " is a news agency: others carry its texts, often before they stand on its own site"}
}

func beforeEvidence(a, b *Member, d *Directory) Evidence {
	text := fmt.Sprintf("the polls saw it on %s at %s, before it was in the feed of %s", nameOf(a.Outlet, d), clock(a.Seen.At), nameOf(b.Outlet, d))
	if later := b.Seen.At.Sub(a.Seen.At); !a.Seen.At.IsZero() && later > 0 {
		text += fmt.Sprintf(" (%s later)", span(later))
	}
	return Evidence{Entry: a.Entry, Kind: "seen", For: false, Text: text}
}

func olderEvidence(a, b *Member, d *Directory) Evidence {
	return Evidence{Entry: a.Entry, Kind: "claimed", For: false,
		Text: fmt.Sprintf("%s dates it %s, earlier than %s", nameOf(a.Outlet, d), clock(a.Published.Time), nameOf(b.Outlet, d))}
}

// seenEvidence says for the first entry of each outlet when it was seen, and
// what its own date is worth. win is the entry that the verdict is about; what
// was seen or is dated later elsewhere speaks for it. lagged: the feed of win was
// behind its copies.
func seenEvidence(lead []*Member, win *Member, lagged bool, d *Directory) []Evidence {
	var out []Evidence
	best := appearance(win).best
	for _, m := range lead {
		name := nameOf(m.Outlet, d)
		itself := m.Entry == win.Entry
		if !m.Seen.At.IsZero() {
			text := fmt.Sprintf("seen on %s at %s", name, clock(m.Seen.At))
			if m.Seen.Bounded() && m.Seen.At.Sub(m.Seen.After) < 2*time.Minute {
				text += ", absent " + span(m.Seen.At.Sub(m.Seen.After)) + " before"
			} else if m.Seen.Bounded() {
				text += ", absent at " + clock(m.Seen.After)
			} else {
				text += ", in the first poll of its feed"
			}
			if itself && lagged {
				text += ": its feed lagged, since a copy was there "
				if since := m.Seen.At.Sub(win.Seen.At); since < 2*time.Minute {
					text += span(since) + " earlier"
				} else {
					text += "at " + clock(win.Seen.At)
				}
			}
			out = append(out, Evidence{Entry: m.Entry, Kind: "seen", Text: text, For: itself || !m.Seen.Before(win.Seen)})
		}
		claim := m.Published.Time
		ok := itself || !claim.Before(best)
		var text string
		switch judge(m) {
		case claimNone:
			if m.Published.Raw == "" {
				out = append(out, redatedEvidence(m, name)...)
				continue
			}
			text, ok = fmt.Sprintf("the date of %s cannot be read: %q", name, m.Published.Raw), true
		case claimAgrees:
			text = fmt.Sprintf("%s dates it %s, which the polls confirm", name, clock(claim))
		case claimAlone:
			text = fmt.Sprintf("%s dates it %s; no poll can confirm it", name, clock(claim))
		case claimEarlier:
			text = fmt.Sprintf("%s dates it %s, when its feed did not have it yet: back-dated, or the feed lags", name, clock(claim))
			if itself && lagged {
				text = fmt.Sprintf("%s dates it %s, when its feed did not have it yet: the feed lagged", name, clock(claim))
			}
		case claimFuture:
			text, ok = fmt.Sprintf("%s dates it %s, after it had been seen: wrong", name, clock(claim)), !itself
		case claimDay:
			text = fmt.Sprintf("%s gives only the day, %s", name, claim.UTC().Format("2 Jan 2006"))
			ok = itself || !claim.Add(24*time.Hour).Before(best)
		}
		if itself && lagged && claim.After(win.Seen.At.Add(skew)) {
			text, ok = fmt.Sprintf("%s dates it %s, when a copy was already there: wrong", name, clock(claim)), false
		}
		out = append(out, Evidence{Entry: m.Entry, Kind: "claimed", Text: text, For: ok})
		out = append(out, redatedEvidence(m, name)...)
	}
	return out
}

// redatedEvidence lists the dates that a member's feeds gave it later. They say
// how far its outlet's dates can be trusted; the first one is judged above.
func redatedEvidence(m *Member, name string) []Evidence {
	var out []Evidence
	before := m.Published.Time
	for _, r := range m.Redated {
		t := r.Published.Time
		text := fmt.Sprintf("re-dated: at %s %s dates it %s", clock(r.Seen), name, clock(t))
		switch {
		case t.IsZero():
			text = fmt.Sprintf("re-dated: at %s %s gives it no date any more", clock(r.Seen), name)
		case before.IsZero():
			text += ", having given none before"
		case t.After(m.Seen.At.Add(skew)):
			text += ", after it had been seen: the date of an update"
		case t.Before(before):
			text += ", earlier than before"
		}
		out = append(out, Evidence{Entry: m.Entry, Kind: "claimed", Text: text, For: t.IsZero() || before.IsZero() || !t.Before(before)})
		before = t
	}
	return out
}

// textEvidence says how much of the text stands in each copy.
func textEvidence(members []*Member, original uint64, d *Directory) []Evidence {
	var out []Evidence
	for _, m := range members {
		if m.CopyOf == 0 || m.Entry == original || m.Share == 0 {
			continue
		}
		out = append(out, Evidence{Entry: m.Entry, Kind: "text", For: true,
			Text: fmt.Sprintf("%d %% of the shorter text stands word for word in the other: %s carries a copy", m.Share/10, nameOf(m.Outlet, d))})
	}
	return out
}

// place says in words where a statement stood.
func place(where string) string {
	switch where {
	case "footer":
		return "in its footer"
	case "closing":
		return "at its end"
	case "dateline":
		return "in its dateline"
	case "byline":
		return "in its byline"
	case "note":
		return "in a note"
	case "pixel":
		return "with its republication counter"
	case "source", "atom:source", "dc:source":
		return "in its <" + where + "> element"
	case "guid":
		return "in its guid"
	case "link":
		return "by its link"
	case "":
		return ""
	}
	return "in its " + where
}
