package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"aggregator/config"
	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/feeds/parse"
)

// tryOut is what came of asking a feed once.
type tryOut struct {
	Outcome      feeds.Outcome `json:"outcome"`
	Status       int           `json:"status"` // of HTTP; 0 when there was no answer
	Type         string        `json:"type,omitempty"`
	Entries      int           `json:"entries"`
	LastDay      int           `json:"entries_last_day"` // dated in the 24 hours before the request
	Newest       *time.Time    `json:"newest_entry"`     // by its own date; null when no entry has one
	ETag         bool          `json:"etag"`
	LastModified bool          `json:"last_modified"`
	Redirects    []string      `json:"redirects,omitempty"` // "301 URL", the addresses on the way
	Final        string        `json:"final_url,omitempty"` // when redirected
	Bytes        int64         `json:"bytes"`               // as transferred
	Seconds      float64       `json:"seconds"`
	Problem      string        `json:"problem,omitempty"`
}

// tryFeeds asks each feed once and fills in Tried and Advice. Hosts are asked
// side by side, the feeds of one host one after the other. The error says how
// many could not be read, or that ctx ended first.
func tryFeeds(ctx context.Context, cfg *config.Config, list []checkedFeedOut, stderr io.Writer) error {
	client := fetch.New()
	defer client.Close()
	bar := progress(stderr, int64(len(list)), "asking the feeds", things)
	_ = bar.RenderBlank() // as with Add below
	var hosts [][]int     // the indexes of one host's feeds
	at := map[string]int{}
	subs := cfg.Subscriptions()
	for i, s := range subs {
		name := hostOf(s.Feed.URL)
		if _, known := at[name]; !known {
			at[name] = len(hosts)
			hosts = append(hosts, nil)
		}
		hosts[at[name]] = append(hosts[at[name]], i)
	}
	var work errgroup.Group
	work.SetLimit(cfg.Parallel)
	for _, indexes := range hosts {
		work.Go(func() error {
			var paused string
			for n, i := range indexes {
				if n > 0 && !sleep(ctx, subs[i].Settings.HostGap) || ctx.Err() != nil {
					return nil
				}
				if paused != "" {
					list[i].Tried = &tryOut{Outcome: feeds.RateLimited, Problem: "not asked: the host wants no more requests after " + paused}
				} else {
					resp := client.Get(ctx, fetch.Request{URL: subs[i].Feed.URL, Settings: subs[i].Settings})
					if ctx.Err() != nil {
						return nil
					}
					list[i].Tried = tried(resp, subs[i].Outlet, time.Now())
					list[i].Advice = advice(resp, list[i].Tried)
					list[i].weigh(subs[i].Settings)
					if resp.Outcome == feeds.RateLimited && !subs[i].Settings.SharedHost {
						paused = subs[i].Feed.URL
					}
				}
				_ = bar.Add(1) // a terminal that went away must not stop the check
			}
			return nil
		})
	}
	_ = work.Wait() // the goroutines return nil
	_ = bar.Finish()
	return triedError(ctx, list)
}

func triedError(ctx context.Context, list []checkedFeedOut) error {
	done, bad := 0, 0
	for _, f := range list {
		if f.Tried != nil {
			done++
			if f.Tried.Outcome != feeds.Changed {
				bad++
			}
		}
	}
	switch {
	case ctx.Err() != nil && done < len(list):
		return fmt.Errorf("interrupted after %d of %s", done, count(len(list), "feed"))
	case bad > 0:
		return fmt.Errorf("%d of %s could not be read; the reasons stand above", bad, count(len(list), "feed"))
	}
	return nil
}

// sleep reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// tried reads an answer that came in before now.
func tried(resp fetch.Response, outlet feeds.Outlet, now time.Time) *tryOut {
	out := &tryOut{
		Outcome: resp.Outcome, Status: resp.Status, ETag: resp.ETag != "", LastModified: resp.LastModified != "",
		Bytes: resp.Wire, Seconds: resp.Took.Round(time.Millisecond).Seconds(), Problem: resp.Problem,
	}
	for _, hop := range resp.Redirects {
		out.Redirects = append(out.Redirects, fmt.Sprintf("%d %s", hop.Status, hop.URL))
	}
	if len(resp.Redirects) > 0 {
		out.Final = resp.FinalURL
	}
	if resp.Outcome != feeds.Changed {
		return out
	}
	doc := parse.Parse(parse.Input{Body: resp.Body, ContentType: resp.ContentType, URL: resp.FinalURL, Outlet: outlet})
	out.Type, out.Entries, out.Problem = doc.Type, len(doc.Items), doc.Problem
	if doc.Status == parse.Refused {
		out.Outcome = feeds.NotAFeed
		return out
	}
	for _, it := range doc.Items {
		if it.Entry == nil {
			continue
		}
		t := it.Entry.Published.Time
		if t.IsZero() {
			t = it.Entry.Updated.Time
		}
		if t.After(now.Add(-24*time.Hour)) && !t.After(now) {
			out.LastDay++
		}
		if !t.IsZero() && (out.Newest == nil || t.After(*out.Newest)) {
			t = t.UTC()
			out.Newest = &t
		}
	}
	return out
}

// weigh says what the feed costs its publisher, now that its size and validators
// are known: a server without validators sends the whole document each time, at
// the pace of full_floor; another one when something is new.
func (f *checkedFeedOut) weigh(s feeds.Settings) {
	if f.Tried.Outcome != feeds.Changed {
		return
	}
	documents := float64(f.Tried.LastDay)
	if !f.Tried.ETag && !f.Tried.LastModified {
		s.Floor = max(s.Floor, s.FullFloor)
		f.Requests = hundredths(config.RequestsPerDay(s))
		documents = f.Requests
	}
	f.Bytes = int64(min(documents, f.Requests) * float64(f.Tried.Bytes))
}

// advice is what the operator could change, in sentences.
func advice(resp fetch.Response, t *tryOut) []string {
	var list []string
	permanent := len(resp.Redirects) > 0
	for _, hop := range resp.Redirects {
		permanent = permanent && hop.Permanent()
	}
	if permanent && t.Outcome == feeds.Changed {
		list = append(list, fmt.Sprintf("it has moved for good: write url = %q", resp.FinalURL))
	}
	if t.Outcome == feeds.Changed && !t.ETag && !t.LastModified {
		list = append(list, fmt.Sprintf("the server gives no validators, so that each request moves the whole document (%s); full_floor sets the pace", amount(t.Bytes)))
	}
	if t.Outcome == feeds.Changed && t.Entries == 0 {
		list = append(list, "the feed is empty")
	}
	return list
}

func printTried(w io.Writer, list []checkedFeedOut) {
	table := newTable(w, "STATUS", "TYPE", "ENTRIES", "NEWEST (UTC)", "VALIDATORS", "REDIRECTS", "TIME", "FEED")
	for _, f := range list {
		t := f.Tried
		if t == nil {
			table.row("not asked", "–", "–", "–", "–", "–", "–", f.URL)
			continue
		}
		table.row(statusCell(t), cmp.Or(t.Type, "–"), entriesCell(t), cellTime(t.Newest), validatorsCell(t), redirectsCell(t), fmt.Sprintf("%.2f s", t.Seconds), f.URL)
	}
	table.print()
	for _, f := range list {
		if f.Tried != nil && f.Tried.Problem != "" {
			fmt.Fprintf(w, "%s: %s\n", f.URL, f.Tried.Problem)
		}
		for _, a := range f.Advice {
			fmt.Fprintf(w, "%s: %s\n", f.URL, a)
		}
	}
	fmt.Fprintln(w)
}

func statusCell(t *tryOut) cell {
	switch {
	case t.Outcome == feeds.Changed && t.Problem == "":
		return cell{"good", green}
	case t.Outcome == feeds.Changed:
		return cell{"damaged", yellow}
	case t.Status != 0 && t.Status != 200:
		return cell{fmt.Sprintf("%s (%d)", t.Outcome, t.Status), red}
	}
	return cell{string(t.Outcome), red}
}

func entriesCell(t *tryOut) string {
	if t.Outcome != feeds.Changed {
		return "–"
	}
	return fmt.Sprint(t.Entries)
}

func validatorsCell(t *tryOut) string {
	var have []string
	if t.ETag {
		have = append(have, "etag")
	}
	if t.LastModified {
		have = append(have, "last-modified")
	}
	if t.Outcome != feeds.Changed {
		return "–"
	}
	return cmp.Or(strings.Join(have, "+"), "none")
}

func redirectsCell(t *tryOut) string {
	if len(t.Redirects) == 0 {
		return "–"
	}
	var codes []string
	for _, r := range t.Redirects {
		code, _, _ := strings.Cut(r, " ")
		codes = append(codes, code)
	}
	return strings.Join(codes, ",")
}
