package stories

import (
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// tooFirm says how a verdict's sentence differs in firmness from its confidence;
// empty when it does not.
func tooFirm(v Verdict) string {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(v.Reason, w) {
				return true
			}
		}
		return false
	}
	firm := strings.HasPrefix(v.Reason, "First published on") || strings.HasPrefix(v.Reason, v.Name+" is the origin")
	open := strings.HasPrefix(v.Reason, "Nobody can be called first") || strings.HasPrefix(v.Reason, "The entries disagree") ||
		strings.HasPrefix(v.Reason, "The evidence contradicts itself") || has("neither can be called first", "is not known")
	switch {
	case v.Reason == "" || !strings.HasSuffix(v.Reason, "."):
		return "no sentence"
	case firm != (v.Confidence == Certain):
		return "the sentence is firm, the verdict is not, or the reverse"
	case open != (v.Confidence == Tie || v.Confidence == Unknown):
		return "the sentence leaves it open, the verdict does not, or the reverse"
	}
	return ""
}

// An original cannot be younger than its copies: when its own feed shows it
// last, the copies bound its time, and its date is no back-dating.
func TestOriginalWhoseFeedLags(t *testing.T) {
	footer := []feeds.Stated{{Kind: feeds.Reprint, Outlet: "The Whistler Newspaper", URL: "https://thewhistler.ng/story/syria/", Phrase: whistlerFooter, Where: "footer"}}
	for _, c := range []struct {
		name      string
		published feeds.Date
		after, at time.Time
		evidence  string // about the date
		speaksFor bool
	}{
		{"its date lies before the copies", dated(-73), time.Time{}, at(-73), "when its feed did not have it yet: the feed lagged", true},
		{"its date lies between them", dated(-10), time.Time{}, at(-10), "the feed lagged", true},
		{"dated when it went into the feed", dated(5), time.Time{}, at(-1), "when a copy was already there: wrong", false},
		{"without a date", feeds.Date{}, time.Time{}, at(-1), "", true},
	} {
		members := []Member{
			{Entry: 1, Outlet: "brief", Seen: between(-2, -1), Stated: footer},
			{Entry: 2, Outlet: "scoop", Seen: feeds.Seen{At: at(0)}, Published: dated(-36), CopyOf: 1, Share: 1000},
			{Entry: 3, Outlet: "thewhistler", Link: "https://thewhistler.ng/story/syria/", Seen: between(3, 6), Published: c.published, CopyOf: 1, Share: 990},
		}
		v, groups := Attribute(members, fewOutlets())
		if v.Outlet != "thewhistler" || v.Entry != 3 || v.Confidence != Likely || !v.At.Equal(c.at) || !v.After.Equal(c.after) {
			t.Errorf("%s: %s, entry %d, %s, in (%v, %v]", c.name, v.Outlet, v.Entry, v.Confidence, v.After, v.At)
		}
		if len(groups) != 1 || !groups[0].Verdict.At.Equal(c.at) {
			t.Errorf("%s: the group says %+v", c.name, groups)
		}
		found := c.evidence == ""
		for _, e := range v.Evidence {
			if e.Entry == 3 && e.Kind == "claimed" {
				found = strings.Contains(e.Text, c.evidence) && e.For == c.speaksFor
			}
		}
		if problem := tooFirm(v); !found || problem != "" {
			t.Errorf("%s: %s %+v", c.name, problem, v)
		}
	}
}

// What came later elsewhere speaks for the verdict; only what contradicts it
// speaks against.
func TestWhatSpeaksAgainst(t *testing.T) {
	d := fewOutlets()
	v, _ := Attribute([]Member{
		{Entry: 1, Outlet: "scoop", Seen: between(-10, 0), Published: dated(-3)},
		{Entry: 2, Outlet: "times", Seen: between(75, 85), Published: dated(81)},
		{Entry: 3, Outlet: "brief", Seen: between(90, 95), Published: dated(300)},
		{Entry: 4, Outlet: "brief", Seen: between(75, 85), Published: dated(83), CopyOf: 1, Share: 900},
	}, d)
	for _, e := range v.Evidence {
		if !e.For && !strings.HasPrefix(e.Text, "neither Daily Scoop nor Naija Brief says where the text is from") {
			t.Errorf("against %s: %+v", v.Outlet, e)
		}
	}
	v, _ = Attribute([]Member{
		{Entry: 1, Outlet: "scoop", Seen: between(-10, 0), Published: dated(-3)},
		{Entry: 2, Outlet: "times", Seen: between(150, 160), Published: dated(-600)},
	}, d)
	against := 0
	for _, e := range v.Evidence {
		if !e.For {
			against++
			if e.Entry != 2 || e.Kind != "claimed" {
				t.Errorf("against %s: %+v", v.Outlet, e)
			}
		}
	}
	if against != 1 {
		t.Errorf("%d pieces speak against: %+v", against, v.Evidence)
	}
	// A chain: whoever names the middle of it speaks for its end.
	v, _ = Attribute([]Member{
		{Entry: 1, Outlet: "times", Seen: between(-10, 0), Stated: []feeds.Stated{{Kind: feeds.Wire, Outlet: "Reuters", Where: "dateline"}}},
		{Entry: 2, Outlet: "scoop", Seen: between(0, 9), CopyOf: 1, Stated: []feeds.Stated{{Kind: feeds.Reprint, Outlet: "Premium Times", Where: "footer"}}},
	}, d)
	for _, e := range v.Evidence {
		if !e.For {
			t.Errorf("against %s: %+v", v.Name, e)
		}
	}
}

// With nobody to compare it with, the basis is what is known of its time.
func TestOneOutletAlone(t *testing.T) {
	day := feeds.Date{Time: noon.Truncate(24 * time.Hour), Raw: "2026-03-02"}
	for _, c := range []struct {
		name       string
		seen       feeds.Seen
		published  feeds.Date
		basis      Basis
		confidence Confidence
	}{
		{"seen to come", between(-10, 0), dated(-5), Observed, Likely},
		{"seen to come, undated", between(-10, 0), feeds.Date{}, Observed, Likely},
		{"from an archive", feeds.Seen{At: at(0)}, dated(-500), Claimed, Likely},
		{"from an archive, with the day", feeds.Seen{At: at(0)}, day, Claimed, Likely},
		{"from an archive, undated", feeds.Seen{At: at(0)}, feeds.Date{}, Observed, Unknown},
		{"from an archive, dated ahead", feeds.Seen{At: at(0)}, dated(600), Observed, Unknown},
	} {
		v, _ := Attribute([]Member{{Entry: 1, Outlet: "times", Seen: c.seen, Published: c.published}}, fewOutlets())
		if v.Outlet != "times" || v.Basis != c.basis || v.Confidence != c.confidence {
			t.Errorf("%s: %s %s: %s", c.name, v.Basis, v.Confidence, v.Reason)
		}
		if problem := tooFirm(v); problem != "" {
			t.Errorf("%s: %s: %s", c.name, problem, v.Reason)
		}
	}
}

// What our own clock did between two sightings is allowed for, and said.
func TestOurClockWasSetBetween(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	calm := feeds.Standing{}
	wrong := feeds.Standing{Ahead: -3 * day}                 // three days ahead of what it was
	off := feeds.Standing{Doubt: 5 * hour}                   // the machine was off, it says for five hours
	right := feeds.Standing{Known: true}                     // servers say so
	offRight := feeds.Standing{Doubt: 5 * hour, Known: true} // and did again
	late := feeds.Standing{Ahead: day - hour, Doubt: 0, Behind: hour, Known: true}
	for _, c := range []struct {
		name              string
		one, other, after feeds.Standing // of the first sighting, and of the second one's ends
		first             feeds.Seen
		second            feeds.Seen
		confidence        Confidence
		at                time.Time
		reason            string
		ahead             time.Duration // of the true time, which publishers have
	}{
		{"nothing", calm, calm, calm, between(-20, 0), between(90, 100), Certain, at(0), "when it was still absent from Daily Scoop (seen there 100 minutes later).", 0},
		{"set forward, which alone makes it look long", calm, wrong, wrong, between(-20, 0), between(3*24*60+10, 3*24*60+20), Likely, at(3 * 24 * 60), "close enough for a lagging feed to deceive; our clock was set forward by 3 days between the two sightings, which these times allow for.", 0},
		{"set forward, and it was long", calm, wrong, wrong, between(-20, 0), between(3*24*60+70, 3*24*60+80), Certain, at(3 * 24 * 60), "(seen there 80 minutes later); our clock was set forward by 3 days between", 0},
		{"set back", wrong, calm, calm, between(3*24*60-20, 3*24*60), between(70, 80), Certain, at(0), "(seen there 80 minutes later); our clock was set back by 3 days between", 0},
		{"off meanwhile, by the clock alone", calm, off, off, between(-20, 0), between(320, 330), Likely, at(0), "but our machine was started anew between, and how long it was down only its clock tells", 0},
		{"off meanwhile, and running for long since", calm, off, off, between(-20, 0), between(400, 410), Certain, at(0), "(seen there 6 hours later).", 0},
		{"off after it was still absent", calm, off, calm, between(-20, 0), between(70, 410), Certain, at(0), "(seen there 6 hours later).", 0},
		{"off meanwhile, and servers told the time before and after", right, offRight, offRight, between(-20, 0), between(320, 330), Certain, at(0), "(seen there 5 hours later).", 0},
		{"off meanwhile, and a day behind since, as servers told", right, late, late, between(-20, 0), between(120-24*60, 130-24*60), Certain, at(0), "(seen there 2 hours later); our clock was set back by 24 hours between", day},
	} {
		v, _ := Attribute([]Member{
			{Entry: 7, Outlet: "brief", Seen: c.first, Clock: c.one, ClockAfter: c.one, Published: feeds.Date{}},
			{Entry: 9, Outlet: "scoop", Seen: c.second, Clock: c.other, ClockAfter: c.after, Published: feeds.Date{Time: c.second.At.Add(c.ahead - time.Minute)}},
		}, fewOutlets())
		if v.Outlet != "brief" || v.Confidence != c.confidence || !v.At.Equal(c.at) || !strings.Contains(v.Reason, c.reason) || tooFirm(v) != "" {
			t.Errorf("%s: %s, %s, at %v, want %v: %s", c.name, v.Outlet, v.Confidence, v.At, c.at, v.Reason)
		}
	}
}
