package serve

import (
	"fmt"
	"html"
	"sort"
	"strings"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// item is a story as all outputs show it: the entry that stands for it, and
// the others that carry it.
type item struct {
	story *stories.Story
	// lead is the entry that is shown: the verdict's, or the first one seen here.
	lead     stories.Member
	carriers []carrier // all entries but lead, in order of time
	outlets  int
	// outside gives, by entry, the origin that is not followed whose text it carries.
	outside map[uint64]string
}

// carrier is another entry of the story.
type carrier struct {
	stories.Member
	Lag    time.Duration // behind the lead; negative when its own date is earlier
	HasLag bool          // both times are known
	// Of is the entry whose text it copies; nil when it has its own words.
	Of *stories.Member
	// TextOf is the origin that is not followed whose text it carries. Those that carry
	// an agency's text do not copy each other, whatever Of says.
	TextOf string
}

func newItem(s *stories.Story) item {
	it := item{story: s, outlets: s.Outlets(), outside: outsideTexts(s)}
	byEntry := map[uint64]*stories.Member{}
	for i := range s.Members {
		byEntry[s.Members[i].Entry] = &s.Members[i]
	}
	lead := byEntry[s.Verdict.Entry]
	if lead == nil {
		lead = byEntry[s.Verdict.SeenHere]
	}
	if lead == nil && len(s.Members) > 0 {
		lead = &s.Members[0]
	}
	if lead == nil {
		return it
	}
	it.lead = *lead
	for i := range s.Members {
		m := &s.Members[i]
		if m.Entry == lead.Entry {
			continue
		}
		c := carrier{Member: *m, Of: byEntry[m.CopyOf], TextOf: it.outside[m.Entry]}
		if a, b := s.Appeared(lead), s.Appeared(m); !a.IsZero() && !b.IsZero() {
			c.Lag, c.HasLag = b.Sub(a), true
		}
		// The lead may be a copy of an entry that the verdict puts behind it.
		if c.Of == nil && lead.CopyOf == m.Entry {
			c.Of, c.Share = lead, lead.Share
		}
		it.carriers = append(it.carriers, c)
	}
	sort.SliceStable(it.carriers, func(i, j int) bool {
		a, b := s.Appeared(&it.carriers[i].Member), s.Appeared(&it.carriers[j].Member)
		if a.IsZero() != b.IsZero() {
			return b.IsZero()
		}
		return a.Before(b)
	})
	return it
}

// title is the headline of the entry that is shown.
func (it item) title() string {
	if it.lead.Title != "" {
		return it.lead.Title
	}
	return "(no headline)"
}

// published is the time to show for the story.
func (it item) published() time.Time { return it.story.Time() }

// copies counts the entries that copy another outlet's text.
func (it item) copies() int {
	n := 0
	for _, c := range it.carriers {
		if c.Of != nil && c.Of.Outlet != c.Outlet {
			n++
		}
	}
	return n
}

// firstSentence says who published the story first, no more firmly than the
// verdict does. It is plain text.
func (s *server) firstSentence(v *stories.Verdict) string {
	name := v.Name
	if name == "" {
		name = s.nameOf(v.Outlet)
	}
	var b strings.Builder
	switch {
	case name == "":
		b.WriteString("Who published it first is not known")
	case v.Confidence == stories.Certain:
		b.WriteString("First published on " + name)
	case v.Confidence == stories.Likely:
		b.WriteString("Probably first published on " + name)
	case v.Confidence == stories.Tie:
		b.WriteString("Published at the same time by " + name + " and others")
	default:
		b.WriteString("Carried by " + name + "; who was first is not known")
	}
	switch {
	case v.At.IsZero():
	case v.Entry == 0: // its own entry is not here: it had it when the first carrier did, or before
		b.WriteString(", by " + clock(v.At))
	default:
		b.WriteString(", " + clock(v.At))
	}
	if v.Basis != "" && v.Confidence != stories.Unknown {
		b.WriteString(" (" + string(v.Confidence) + ", " + basisWords(v.Basis) + ")")
	}
	return b.String() + "."
}

func basisWords(b stories.Basis) string {
	switch b {
	case stories.Stated:
		return "stated by an entry"
	case stories.Observed:
		return "observed by polling"
	case stories.Claimed:
		return "by the dates claimed"
	}
	return string(b)
}

func clock(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") }

// lagWords says how much later a carrier had it: "12 min later".
func (c carrier) lagWords() string {
	if !c.HasLag {
		return "time unknown"
	}
	switch words := span(c.Lag); {
	case words == "":
		return "in the same minute"
	case c.Lag < 0:
		return words + " earlier"
	default:
		return words + " later"
	}
}

// span writes a duration in its two greatest units, in whole minutes at the
// least; "" is less than a minute.
func span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0 && hours > 0 && days < 7:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d h", hours)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return ""
}

// percent writes per mille for people; what is not everything is never "100 %".
func percent(perMille int) string {
	if perMille > 990 && perMille < 1000 {
		perMille = 990
	}
	return fmt.Sprintf("%d %%", (perMille+5)/10)
}

// manner says how a carrier relates to the others: a copy of a text, or its own words.
func (s *server) manner(c carrier) string {
	switch {
	case c.TextOf != "":
		return "with the text of " + c.TextOf
	case c.Of == nil:
		return "in its own words"
	case c.Share > 0:
		return "copy of " + s.nameOf(c.Of.Outlet) + "’s text, " + percent(c.Share) + " shared"
	}
	return "copy of " + s.nameOf(c.Of.Outlet) + "’s text"
}

// attributionHTML is the paragraph that follows the text in the merged feeds.
func (s *server) attributionHTML(it item, base string) string {
	var b strings.Builder
	v := &it.story.Verdict
	b.WriteString("<hr><p><strong>" + html.EscapeString(s.firstSentence(v)) + "</strong> ")
	b.WriteString(html.EscapeString(v.Reason) + "</p>")
	if len(it.carriers) > 0 {
		b.WriteString("<p>Also carried by:</p><ul>")
		for _, c := range it.carriers {
			b.WriteString("<li>" + anchor(c.Link, s.nameOf(c.Outlet)) + ": " +
				html.EscapeString(s.manner(c)+", "+c.lagWords()) + "</li>")
		}
		b.WriteString("</ul>")
	}
	b.WriteString("<p>" + anchor(base+storyPath(it.story.ID), "Timeline, evidence and texts") + "</p>")
	return b.String()
}

// anchor links text to an address of the web; others stay plain text.
func anchor(href, text string) string {
	if !isWeb(href) {
		return html.EscapeString(text)
	}
	return `<a href="` + html.EscapeString(asURI(href)) + `">` + html.EscapeString(text) + `</a>`
}

func isWeb(href string) bool {
	return strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")
}

func storyPath(id uint64) string { return fmt.Sprintf("/stories/%d", id) }

// modified is when anything that an output shows of the story last changed, as
// far as the story says.
func (it item) modified() time.Time {
	last := it.story.Changed
	later := func(t time.Time) {
		if t.After(last) {
			last = t
		}
	}
	later(it.story.Created)
	for _, m := range it.story.Members {
		later(m.Seen.At)
	}
	for _, c := range it.story.History {
		later(c.At)
	}
	return last
}

// updated is when a reader would want to see the story again. What is below a
// second is the story's number, so that no two entries that one poll brought
// bear the same time: readers that tell entries apart by it would lose some.
func (it item) updated() time.Time {
	t := it.story.Changed
	if t.IsZero() {
		t = it.story.Created
	}
	if t.IsZero() {
		return t
	}
	return t.Truncate(time.Second).Add(time.Duration(it.story.ID%1e6) * time.Microsecond)
}

// link is where the headline leads.
func (it item) link(base string) string {
	switch {
	case isWeb(it.lead.Link):
		return asURI(it.lead.Link)
	case isWeb(it.story.Verdict.URL):
		return asURI(it.story.Verdict.URL)
	}
	return base + storyPath(it.story.ID)
}

// authors of the entry that is shown; its outlet when it names none.
func (s *server) authors(it item, e feeds.Entry) []string {
	if len(e.Authors) > 0 {
		return e.Authors
	}
	return []string{s.nameOf(it.lead.Outlet)}
}
