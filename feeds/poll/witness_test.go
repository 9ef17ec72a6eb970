package poll

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

// timed is a machine that asks publishers who tell the time.
type timed struct {
	memory
	truth time.Time
	set   time.Duration // by how much its wall clock is ahead of the truth
	boot  string
	began time.Time
	tells func(host string) string // the Date that a host sends
	holds func(host string) []int  // what its feed holds
	hosts []string
}

func (m *timed) clock() clock {
	return clock{
		wall:    func() time.Time { return m.truth.Add(m.set).Truncate(time.Microsecond) },
		running: func() time.Duration { return m.truth.Sub(m.began) },
	}
}

// poller is a program that was started anew.
func (m *timed) poller(t *testing.T) *Poller {
	t.Helper()
	var subs []Subscription
	for _, h := range m.hosts {
		subs = append(subs, Subscription{Feed: feeds.Feed{URL: "https://" + h + "/feed", Outlet: h}, Outlet: feeds.Outlet{ID: h, Name: h}, Settings: normal()})
	}
	p, err := New(subs, m.states, m, Options{Force: true, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.clock, p.boot = m.clock(), m.boot
	p.get = func(_ context.Context, r fetch.Request) fetch.Response {
		host := strings.TrimSuffix(strings.TrimPrefix(r.URL, "https://"), "/feed")
		h := http.Header{}
		if d := m.tells(host); d != "" {
			h.Set("Date", d)
		}
		return fetch.Response{Outcome: feeds.Changed, Status: 200, Header: h, FinalURL: r.URL, Body: []byte(document(m.holds(host)...)), ContentType: "application/rss+xml"}
	}
	return p
}

// rights asks all once, and says of each poll whether the clock was found right.
func (m *timed) rights(t *testing.T, p *Poller) string {
	t.Helper()
	m.truth, m.polls = m.truth.Add(time.Hour), nil
	for _, h := range p.hosts {
		h.next = time.Time{} // it was set between two runs
	}
	if err := p.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, poll := range m.polls {
		out += fmt.Sprintf("%t ", poll.Ran.Right)
		if zero := poll.At.Add(-poll.Ran.For); poll.Ran.Boot != m.boot || !zero.Equal(m.began.Add(m.set).Truncate(time.Microsecond)) {
			t.Errorf("a poll at %v is %v after the start of %q", poll.At, poll.Ran.For, poll.Ran.Boot)
		}
	}
	return strings.TrimSpace(out)
}

// Whether the clock is right most of three servers at least must say, since it was set.
func TestServersTellWhetherTheClockIsRight(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := &timed{truth: start, began: start.Add(-time.Hour), boot: "first", holds: func(string) []int { return []int{1} }}
	right := func(string) string { return m.truth.Format(http.TimeFormat) }
	m.tells = right
	for i := range 5 {
		m.hosts = append(m.hosts, fmt.Sprintf("h%d.example", i))
	}
	p := m.poller(t)
	const soon, never, always = "false false true true true", "false false false false false", "true true true true true"
	for _, c := range []struct {
		what  string
		set   time.Duration
		tells func(string) string
		want  string
	}{
		{"right", 0, right, soon},
		{"and still", 0, right, always},
		{"three days ahead", 72 * time.Hour, right, never},
		{"put right", 0, right, soon},
		{"an hour back", -time.Hour, right, never},
		{"right but for a minute", time.Minute, right, soon},
		{"nobody says, of those who said so before", time.Minute, func(string) string { return "" }, always},
		{"three days ahead, and one says so, too", 72 * time.Hour, func(h string) string {
			if h == "h0.example" {
				return m.truth.Add(m.set).Format(http.TimeFormat)
			}
			return right(h)
		}, never},
		{"put right, and two say otherwise", 0, func(h string) string {
			if h < "h2" {
				return m.truth.AddDate(-1, 0, 0).Format(http.TimeFormat)
			}
			return right(h)
		}, "false false false false true"},
		{"nonsense", 5 * time.Hour, func(string) string { return "now" }, never},
	} {
		m.set, m.tells = c.set, c.tells
		if got := m.rights(t, p); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	m.set, m.tells, m.hosts = 0, right, []string{"localhost:8080", "127.0.0.1", "rss-bridge", "[::1]:80", "h0.example"}
	if got := m.rights(t, m.poller(t)); got != never {
		t.Errorf("servers of this machine have its clock: %s, want %s", got, never)
	}
}
