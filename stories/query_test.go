package stories

import (
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// floods is one story: gazette had the text, mirror copies it, radio tells it
// in its own words.
func floods() *Story {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return &Story{
		ID: 7,
		Members: []Member{
			{Entry: 1, Outlet: "gazette", Title: "Floods cut off Ébano valley", Language: "en-GB", Category: "world"},
			{Entry: 2, Outlet: "mirror", Title: "Floods cut off the valley", Language: "en", Category: "copies", CopyOf: 1, Share: 980},
			{Entry: 3, Outlet: "radio", Title: "Vale isolado pelas cheias", Language: "pt-BR", Category: "World"},
		},
		Verdict: Verdict{Outlet: "gazette", Name: "The Gazette", Entry: 1, At: at},
		Groups:  []Group{{Original: 1, Members: []uint64{1, 2}, Verdict: Verdict{Outlet: "gazette", Name: "The Gazette", Entry: 1}}},
		Created: at.Add(time.Hour),
	}
}

func TestMatch(t *testing.T) {
	at := floods().Verdict.At
	for name, c := range map[string]struct {
		q    Query
		want bool
	}{
		"empty":                         {Query{}, true},
		"copied from the original":      {Query{CopiedFrom: "gazette"}, true},
		"copied from the copier":        {Query{CopiedFrom: "mirror"}, false},
		"copied from a carrier":         {Query{CopiedFrom: "radio"}, false},
		"copied by the copier":          {Query{CopiedBy: "mirror"}, true},
		"copied by a carrier":           {Query{CopiedBy: "radio"}, false},
		"the pair":                      {Query{CopiedFrom: "gazette", CopiedBy: "mirror"}, true},
		"the pair the other way round":  {Query{CopiedFrom: "mirror", CopiedBy: "gazette"}, false},
		"enough of the text":            {Query{MinShare: 98}, true},
		"enough, and by another outlet": {Query{MinShare: 98, CopiedBy: "radio"}, false},
		"more of the text":              {Query{MinShare: 99}, false},
		"copies only":                   {Query{CopiesOnly: true}, true},
		"first":                         {Query{First: "gazette"}, true},
		"first by its name when it is followed here": {Query{First: "The Gazette"}, false},
		"not first":                      {Query{First: "mirror"}, false},
		"three outlets":                  {Query{MinOutlets: 3}, true},
		"four outlets":                   {Query{MinOutlets: 4}, false},
		"carrier":                        {Query{Outlet: "radio"}, true},
		"a pair":                         {Query{Outlet: "radio,gazette"}, true},
		"half a pair":                    {Query{Outlet: "gazette,rad"}, false},
		"no carrier":                     {Query{Outlet: "rad"}, false},
		"language":                       {Query{Lang: "EN"}, true},
		"variant":                        {Query{Lang: "pt-br"}, true},
		"other variant":                  {Query{Lang: "pt-PT"}, false},
		"part of a tag":                  {Query{Lang: "p"}, false},
		"category":                       {Query{Category: "WORLD"}, true},
		"no category":                    {Query{Category: "sport"}, false},
		"words in any order":             {Query{Q: "valley flood"}, true},
		"decomposed accent":              {Query{Q: "E\u0301BANO"}, true},
		"words of two entries":           {Query{Q: "floods vale isolado"}, false},
		"blank search":                   {Query{Q: " \t"}, true},
		"since, itself":                  {Query{Since: at}, true},
		"since later":                    {Query{Since: at.Add(1)}, false},
		"until, itself":                  {Query{Until: at}, false},
		"until later":                    {Query{Until: at.Add(1)}, true},
		"all at once":                    {Query{CopiedFrom: "gazette", First: "gazette", MinOutlets: 2, Outlet: "mirror", Lang: "pt", Category: "copies", Q: "cheias", Since: at, Until: at.Add(1), CopiesOnly: true}, true},
		"limit and after are no filters": {Query{Limit: 1, After: Cursor{1, 1}}, true},
	} {
		if got := c.q.Match(floods()); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestCopiedFromAnOriginThatIsNotFollowed(t *testing.T) {
	s := floods()
	s.Groups[0].Verdict = Verdict{Name: "Reuters", Basis: Stated}
	s.Verdict = s.Groups[0].Verdict
	for q, want := range map[Query]bool{
		{CopiedFrom: "reuters"}: true,
		{CopiedFrom: "gazette"}: false,
		{First: "REUTERS"}:      true,
		{CopiesOnly: true}:      true,
	} {
		if got := q.Match(s); got != want {
			t.Errorf("%+v: got %v, want %v", q, got, want)
		}
	}
	if s.Time() != s.Created {
		t.Errorf("a story whose time is unknown stands at %v, want %v", s.Time(), s.Created)
	}
}

func TestCopyInsideOneOutletIsNotACopy(t *testing.T) {
	s := floods()
	s.Members[1].Outlet = "gazette"
	for _, q := range []Query{{CopiesOnly: true}, {CopiedFrom: "gazette"}} {
		if q.Match(s) {
			t.Errorf("%+v matches, though no other outlet copies", q)
		}
	}
	// The group's verdict may name the copier: then the original is the copy.
	s = floods()
	s.Groups[0].Verdict = Verdict{Outlet: "mirror", Entry: 2}
	if !(Query{CopiedFrom: "mirror"}).Match(s) || (Query{CopiedFrom: "gazette"}).Match(s) {
		t.Error("the group's verdict must say whose text it is")
	}
}

func TestCursorsWalkTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) Cursor {
			return Cursor{rapid.Int64Range(-3, 3).Draw(t, "at"), rapid.Uint64Range(1, 40).Draw(t, "story")}
		}), func(c Cursor) Cursor { return c }).Draw(t, "list")
		sort.Slice(list, func(i, j int) bool { return list[j].Past(list[i]) })
		for i, c := range list {
			back, err := ParseCursor(c.String())
			if err != nil || back != c {
				t.Fatalf("%v written as %q is read as %v, %v", c, c, back, err)
			}
			for j, d := range list {
				if d.Past(c) != (j > i) {
					t.Fatalf("%v past %v: %v", d, c, d.Past(c))
				}
			}
			if !c.Past(Cursor{}) {
				t.Fatalf("%v is not past the start", c)
			}
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	for _, s := range []string{"", ".", "0.0", "1.1", "-1.z", "+1.1", "01.1", "zzzzzzzzzzzzzzzzzzzz.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseCursor(s); err == nil && c.String() != s {
			t.Errorf("%q is read as %v, which is written %q", s, c, c)
		}
	})
}
