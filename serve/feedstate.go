package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"aggregator/feeds"
)

// feedDetail is a feed with all that decides its next poll.
type feedDetail struct {
	feedOut
	// Why says in sentences what came of the last poll, when the next one is, and
	// which rule decided that.
	Why          []string `json:"why"`
	ETag         string   `json:"etag"`
	LastModified string   `json:"last_modified"`
	LastHeaders  []string `json:"last_headers"`
	FreshFor     int64    `json:"fresh_for_seconds"`
	TTL          int64    `json:"ttl_seconds"`
	SkipHours    []int    `json:"skip_hours"`
	SkipDays     []string `json:"skip_days"`
	Trust        trustOut `json:"trust"`
	// WebSub is null for a feed that names no hub.
	WebSub *webSubOut `json:"websub"`
}

// feedID is a feed's name in addresses: its URL does not fit into a path.
func feedID(url string) string {
	sum := sha256.Sum256([]byte(url))
	return hex.EncodeToString(sum[:6])
}

func (s *server) apiFeed(r *http.Request) (page, error) {
	list, err := s.feedStates()
	if err != nil {
		return page{}, err
	}
	for _, f := range list {
		if f.ID != r.PathValue("id") {
			continue
		}
		states, err := s.States()
		if err != nil {
			return page{}, err
		}
		st := states[f.URL]
		st.URL = f.URL
		return jsonPage(s.feedDetail(f, st), time.Time{})
	}
	return page{}, notFound("there is no feed %s; /api/v1/feeds lists them", clip(r.PathValue("id"), 40))
}

func (s *server) feedDetail(f feedOut, st feeds.State) feedDetail {
	now, around := s.Now(), feeds.Around{}
	if s.Around != nil {
		around = s.Around(st)
	}
	d := feedDetail{
		feedOut: f, Why: []string{}, ETag: st.ETag, LastModified: st.LastModified, LastHeaders: []string{}, FreshFor: int64(st.FreshFor.Seconds()),
		TTL: int64(st.TTL.Seconds()), SkipHours: append([]int{}, st.SkipHours...), SkipDays: []string{},
		Trust: trustOf(&st, &around, now), WebSub: webSubOf(st.WebSub, now),
	}
	if s.Why != nil {
		d.Why = append(d.Why, s.Why(st, around, now)...)
	}
	for line := range strings.Lines(st.LastHeaders) {
		d.LastHeaders = append(d.LastHeaders, strings.TrimRight(line, "\r\n"))
	}
	for _, day := range st.SkipDays {
		d.SkipDays = append(d.SkipDays, day.String())
	}
	return d
}
