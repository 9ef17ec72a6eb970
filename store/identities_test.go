package store

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"aggregator/feeds"
)

// A feed whose guids are new at each fetch shows itself.
func TestIdentitiesCountsEntriesWhoseGuidsChange(t *testing.T) {
	const url = "https://courier.example/feed"
	st, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{Outlets: []feeds.Outlet{{ID: "courier"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for round, guids := range [][2]string{{"a1", "b"}, {"a2", "b"}} {
		p := feeds.Poll{Feed: url, Outlet: "courier", At: at.Add(time.Duration(round) * time.Hour), Outcome: feeds.Changed, State: feeds.State{URL: url}}
		for i, g := range guids {
			link := "https://courier.example/" + string(rune('a'+i))
			p.Items = append(p.Items, feeds.Item{Raw: uint64(1 + i + 10*round), Entry: &feeds.Entry{Feed: url, Outlet: "courier", GUID: g, Link: link, Canonical: link, Title: "Article " + string(rune('a'+i))}})
		}
		if err := st.Append(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		if present, renamed, err := st.Identities(url); present != 2 || renamed != round || err != nil {
			t.Errorf("round %d: %d entries, %d renamed, %v", round, present, renamed, err)
		}
	}
	if present, _, err := st.Identities("https://nobody.example/"); present != 0 || err != nil {
		t.Error(present, err)
	}
}
