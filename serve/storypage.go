package serve

import (
	"net/http"
	"strings"
	"time"

	"aggregator/stories"
)

// storyPageView is everything that is known of one story.
type storyPageView struct {
	frame
	Story    storyView
	Sentence string
	Timeline timeline
	Evidence []evidenceView
	History  []historyView
	Words    []stories.Correction // of editors
	Texts    []textView
	Excerpt  string
	Own      textView // the text of the entry that is shown, when there is nothing to compare it with
	Omitted  int      // texts that are not shown
}

type evidenceView struct {
	Kind, Text, Name string
	For              bool
}

type historyView struct {
	At      time.Time
	Because string
	Lead    string
	Name    string
	Verdict *stories.Verdict
}

// textView is one carrier's text beside that of the entry that is shown.
type textView struct {
	carrierView
	Left, Right     [][]passage
	LeftLang        string
	LeftName        string
	Open            bool
	Reasons, Stated []string
}

const maxTexts = 12

func (s *server) storyPage(r *http.Request) (page, error) {
	st, err := s.story(r)
	if err != nil {
		return page{}, err
	}
	if want := storyPath(st.ID); r.URL.Path != want {
		return page{redirect: want}, nil
	}
	v := storyPageView{Story: s.storyView(&st, s.base(r)), Words: st.Corrections}
	it := v.Story.item
	v.frame = s.frame(v.Story.Headline, "stories", stories.Query{Limit: defaultLimit})
	v.Sentence = s.firstSentence(&st.Verdict)
	v.Timeline = s.drawTimeline(it)
	for _, e := range st.Verdict.Evidence {
		ev := evidenceView{Kind: strings.ReplaceAll(e.Kind, "-", " "), Text: e.Text, For: e.For}
		for _, m := range st.Members {
			if m.Entry == e.Entry {
				ev.Name = s.nameOf(m.Outlet)
			}
		}
		v.Evidence = append(v.Evidence, ev)
	}
	for i := len(st.History) - 1; i >= 0; i-- {
		c := &st.History[i]
		name := c.Verdict.Name
		if name == "" {
			name = s.nameOf(c.Verdict.Outlet)
		}
		v.History = append(v.History, historyView{c.At, c.Because, leadWords(&c.Verdict), name, &c.Verdict})
	}
	lead, _, err := s.source.Entry(it.lead.Entry)
	if err != nil {
		return page{}, err
	}
	v.Excerpt = excerpt(lead, 320)
	for i, c := range it.carriers {
		if i == maxTexts {
			v.Omitted = len(it.carriers) - i
			break
		}
		e, _, err := s.source.Entry(c.Entry)
		if err != nil {
			return page{}, err
		}
		left, leftName, leftLang := lead.Text, s.nameOf(it.lead.Outlet), it.lead.Language
		if c.Of != nil && c.Of.Entry != it.lead.Entry { // a copy stands beside what it copies
			original, _, err := s.source.Entry(c.Of.Entry)
			if err != nil {
				return page{}, err
			}
			left, leftName, leftLang = original.Text, s.nameOf(c.Of.Outlet), c.Of.Language
		}
		t := textView{
			carrierView: s.carrierView(c), Open: i == 0, LeftName: leftName, LeftLang: leftLang, Reasons: s.named(&st, c.Reasons),
			Left: sharedPassages(left, e.Text), Right: sharedPassages(e.Text, left),
		}
		for _, x := range c.Stated {
			t.Stated = append(t.Stated, x.Phrase)
		}
		v.Texts = append(v.Texts, t)
	}
	if len(v.Texts) == 0 {
		v.Own = textView{Reasons: s.named(&st, it.lead.Reasons), LeftName: v.Story.Display, LeftLang: v.Story.Lang, Left: sharedPassages(lead.Text, "")}
	}
	return s.html("story", v, time.Time{})
}
