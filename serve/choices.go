package serve

import (
	"slices"
	"sort"
	"strings"

	"aggregator/feeds"
	"aggregator/stories"
)

// byName are the followed outlets in order of their names.
func (s *server) byName() []feeds.Outlet {
	list := slices.Clone(s.Outlets)
	sort.SliceStable(list, func(i, j int) bool { return strings.ToLower(list[i].Name) < strings.ToLower(list[j].Name) })
	return list
}

// choices are the languages and categories that can be asked for.
func (s *server) choices() (languages, categories []string) {
	for _, o := range s.Outlets {
		if base, _, _ := strings.Cut(o.Language, "-"); base != "" && !slices.Contains(languages, base) {
			languages = append(languages, base)
		}
		if o.Category != "" && !slices.Contains(categories, o.Category) {
			categories = append(categories, o.Category)
		}
	}
	sort.Strings(languages)
	sort.Strings(categories)
	return languages, categories
}

// firsts counts for each outlet the stories of the list that it was first
// with, where the verdict says so firmly enough; the most first.
func (s *server) firsts(list []stories.Story) []bar {
	count := map[string]int{}
	for i := range list {
		if v := &list[i].Verdict; v.Outlet != "" && firm(v) {
			count[v.Outlet]++
		}
	}
	var out []bar
	for id, n := range count {
		out = append(out, bar{ID: id, Name: s.nameOf(id), Count: n})
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Count != out[j].Count {
			return out[i].Count > out[j].Count
		}
		return out[i].Name < out[j].Name
	})
	if len(out) > 8 {
		out = out[:8]
	}
	for i := range out {
		out[i].Width = max(2, 100*out[i].Count/out[0].Count)
	}
	return out
}

// firm reports whether a verdict claims that its outlet was first.
func firm(v *stories.Verdict) bool {
	return v.Confidence == stories.Certain || v.Confidence == stories.Likely
}
