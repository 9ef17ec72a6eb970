package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"aggregator/feeds"
	"aggregator/feeds/foreign"
	"aggregator/feeds/parse"
	"aggregator/store"
	"aggregator/stories"
)

// importOut is what `import --from --json` prints; docs/formats.md is its contract.
type importOut struct {
	Entries  int            `json:"entries"`  // of configured feeds
	New      int            `json:"new"`      // of these, those that were not kept yet
	Read     int            `json:"read"`     // stories that are read now
	Starred  int            `json:"starred"`  // and starred
	LeftOut  int            `json:"left_out"` // items without a feed or without address and title
	Unknown  int            `json:"unknown"`  // entries of feeds that are not configured
	NotThere map[string]int `json:"feeds_not_configured"`
}

// importEntries sends the entries of an export to the store, feed by feed.
func importEntries(c *cobra.Command, a *asker, from foreign.Reader, user, path string) error {
	if !slices.Contains(foreign.Readers, from) {
		return usageError{fmt.Errorf("--from %q is none of %v", from, foreign.Readers)}
	}
	cfg, err := a.settings()
	if err != nil {
		return err
	}
	owner := map[string]string{} // a feed's outlet
	for _, sub := range cfg.Subscriptions() {
		owner[sub.Feed.URL] = sub.Outlet.ID
	}
	if len(owner) == 0 {
		return errors.New("no feeds are configured: take them over first, with aggregator import FILE.opml, and name the configuration with --config")
	}
	in := c.InOrStdin()
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	out := importOut{NotThere: map[string]int{}}
	var items []foreign.Item
	out.LeftOut, err = foreign.Read(from, in, func(it foreign.Item) error {
		id, known := owner[it.Feed]
		if !known {
			out.Unknown++
			out.NotThere[it.Feed]++
			return nil
		}
		it.Outlet = id
		out.Entries++
		items = append(items, it)
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	// The oldest first, so that stories grow in the order in which they were told.
	slices.SortStableFunc(items, func(a, b foreign.Item) int { return a.Published.Compare(b.Published) })
	var body bytes.Buffer
	lines := json.NewEncoder(&body)
	for _, it := range items {
		if err := lines.Encode(it); err != nil {
			return err
		}
	}
	cl, err := openClient(cfg, a.makes, true)
	if err != nil {
		return err
	}
	var done importOut
	if err := errors.Join(cl.care(c.Context(), "import", url.Values{"user": {user}}, &body, c.ErrOrStderr(), &done), cl.close()); err != nil {
		return err
	}
	out.New, out.Read, out.Starred = done.New, done.Read, done.Starred
	if a.asJSON {
		return writeJSON(c.OutOrStdout(), out)
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "%s of configured feeds, %d of them new here.\n", count(out.Entries, "entry"), out.New)
	if user != "" {
		fmt.Fprintf(w, "For %s: %s read, %d starred.\n", user, count(out.Read, "story"), out.Starred)
	}
	if out.LeftOut > 0 {
		fmt.Fprintf(w, "%s without a feed, or without address and title, left out.\n", count(out.LeftOut, "item"))
	}
	if out.Unknown > 0 {
		fmt.Fprintf(w, "%s left out of feeds that are not configured:\n", count(out.Unknown, "entry"))
		for _, feed := range slices.Sorted(maps.Keys(out.NotThere)) {
			fmt.Fprintf(w, "  %d  %s\n", out.NotThere[feed], feed)
		}
	}
	return nil
}

// importBatch is how many entries are kept in one transaction.
const importBatch = 200

// importItems keeps what importEntries sent: lines of foreign.Item with outlets.
func importItems(ctx context.Context, st *store.Store, with url.Values, body io.Reader) (any, error) {
	user := with.Get("user")
	if user != "" {
		if err := knownUser(st, user); err != nil {
			return nil, err
		}
	}
	outlets := map[string]feeds.Outlet{}
	for _, o := range st.Outlets() {
		outlets[o.ID] = o
	}
	var done importOut
	now := time.Now()
	var batch []foreign.Item
	read, starred := map[uint64]bool{}, map[uint64]bool{}
	flush := func() error {
		var entries []store.Imported
		for _, it := range batch {
			entries = append(entries, store.Imported{Feed: it.Feed, Outlet: it.Outlet, Entry: toEntry(it, outlets[it.Outlet])})
		}
		ids, fresh, err := st.Import(ctx, entries, now)
		if err != nil {
			return err
		}
		done.New += fresh
		for i, id := range ids {
			if story, ok, err := st.StoryOf(id); err != nil {
				return err
			} else if ok {
				read[story] = read[story] || batch[i].Read
				starred[story] = starred[story] || batch[i].Starred
			}
		}
		batch = batch[:0]
		return nil
	}
	progress := store.ProgressOf(ctx)
	n := int64(0)
	for lines := json.NewDecoder(body); ; {
		var it foreign.Item
		err := lines.Decode(&it)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the entries did not come whole: %w", err)
		}
		if len(batch) >= importBatch {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		batch = append(batch, it)
		n++
		progress(n, 0)
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if user == "" {
		return done, nil
	}
	var err error
	if done.Read, err = markAll(ctx, st, user, read, stories.Read); err == nil {
		done.Starred, err = markAll(ctx, st, user, starred, stories.Starred)
	}
	return done, err
}

func toEntry(it foreign.Item, o feeds.Outlet) *feeds.Entry {
	e := &feeds.Entry{Outlet: it.Outlet, Feed: it.Feed, GUID: it.GUID, Link: it.URL, Title: it.Title, Content: it.Content}
	if it.Author != "" {
		e.Authors = []string{it.Author}
	}
	if !it.Published.IsZero() {
		e.Published = feeds.Date{Time: it.Published, Raw: it.Published.UTC().Format(time.RFC3339)}
	}
	parse.Derive(e, o)
	return e
}

func knownUser(st *store.Store, name string) error {
	users, err := st.Users()
	if err == nil && !slices.ContainsFunc(users, func(u store.User) bool { return u.Name == name }) {
		err = fmt.Errorf("there is no user %s; make it first: aggregator users add %s", name, name)
	}
	return err
}

// markAll marks stories for a user and says how many.
func markAll(ctx context.Context, st *store.Store, user string, of map[uint64]bool, as stories.ReadState) (int, error) {
	var ids []uint64
	for id, is := range of {
		if is {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, 1000) {
		if err := st.MarkRead(ctx, user, part, as, 0); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
