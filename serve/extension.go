package serve

import "strconv"

// extension are the elements of our own namespace in an Atom entry or an RSS
// item: the attribution for programs. docs/merged-feed.md describes them.
type extension struct {
	Story    aggStory     `xml:"agg:story"`
	First    aggFirst     `xml:"agg:first"`
	Carriers []aggCarrier `xml:"agg:carrier"`
}

type aggStory struct {
	ID      uint64 `xml:"id,attr" json:"id"`
	Outlets int    `xml:"outlets,attr" json:"outlets"`
	Copies  int    `xml:"copies,attr" json:"copies"`
}

type aggFirst struct {
	Outlet     string `xml:"outlet,attr,omitempty" json:"outlet,omitempty"`
	Name       string `xml:"name,attr,omitempty" json:"name,omitempty"`
	URL        string `xml:"url,attr,omitempty" json:"url,omitempty"`
	After      string `xml:"after,attr,omitempty" json:"after,omitempty"`
	At         string `xml:"at,attr,omitempty" json:"at,omitempty"`
	Basis      string `xml:"basis,attr,omitempty" json:"basis,omitempty"`
	Confidence string `xml:"confidence,attr,omitempty" json:"confidence,omitempty"`
	Reason     string `xml:",chardata" json:"reason,omitempty"`
}

type aggCarrier struct {
	Outlet   string `xml:"outlet,attr" json:"outlet"`
	Name     string `xml:"name,attr" json:"name"`
	URL      string `xml:"url,attr,omitempty" json:"url,omitempty"`
	At       string `xml:"at,attr,omitempty" json:"at,omitempty"`
	Lag      string `xml:"lag,attr,omitempty" json:"-"`
	LagJSON  *int64 `xml:"-" json:"lag,omitempty"`
	CopyOf   string `xml:"copy-of,attr,omitempty" json:"copy_of,omitempty"`
	PerMille int    `xml:"copied-per-mille,attr,omitempty" json:"copied_per_mille,omitempty"`
	Title    string `xml:",chardata" json:"title"`
}

func (s *server) extension(it item) extension {
	v := &it.story.Verdict
	x := extension{
		Story: aggStory{it.story.ID, it.outlets, it.copies()},
		First: aggFirst{
			Outlet: v.Outlet, Name: v.Name, URL: asURI(v.URL), After: stamp(v.After), At: stamp(v.At),
			Basis: string(v.Basis), Confidence: string(v.Confidence), Reason: v.Reason,
		},
		Carriers: []aggCarrier{},
	}
	for _, c := range it.carriers {
		a := aggCarrier{Outlet: c.Outlet, Name: s.nameOf(c.Outlet), URL: asURI(c.Link), At: stamp(it.story.Appeared(&c.Member)), Title: c.Title}
		if c.HasLag {
			seconds := int64(c.Lag.Seconds())
			a.Lag, a.LagJSON = strconv.FormatInt(seconds, 10), &seconds
		}
		if c.Of != nil {
			a.CopyOf, a.PerMille = c.Of.Outlet, c.Share
		}
		x.Carriers = append(x.Carriers, a)
	}
	return x
}

func itoa(n int) string { return strconv.Itoa(n) }
