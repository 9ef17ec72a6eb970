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
