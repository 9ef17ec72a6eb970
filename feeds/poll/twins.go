package poll

import "strings"

// reportTwins logs addresses that differ only in scheme, "www." or a trailing
// slash: most likely one feed that is asked for twice.
func (p *Poller) reportTwins() {
	seen := map[string]string{}
	for _, f := range p.feeds {
		url := f.state.URL
		_, bare, _ := strings.Cut(url, "://")
		bare = strings.TrimSuffix(strings.TrimPrefix(bare, "www."), "/")
		if twin, ok := seen[bare]; ok {
			p.log.Warn("two feeds look like one; consider keeping only one of them", "feed", url, "and", twin)
			continue
		}
		seen[bare] = url
	}
}
