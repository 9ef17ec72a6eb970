package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"aggregator/feeds"
)

// What is remembered of an entry that was just kept is what is read of it.
func TestMemberIsRememberedAsKept(t *testing.T) {
	s, _ := openTemp(t)
	p := newFarm().poll(1, 0, 3, noon)
	p.Items[0].Entry.Stated = []feeds.Stated{{Kind: feeds.Reprint, Outlet: "Somebody", URL: "https://other.example/", Phrase: "first published on Somebody", Where: "footer"}}
	p.Items[0].Entry.Updated = feeds.Date{Raw: "yesterday", Element: "updated"}
	p.Items[1].Entry.Published, p.Items[1].Entry.Language = feeds.Date{}, ""
	add(t, s, p)
	err := s.view(func(r *reader) error {
		for id := range uint64(3) {
			want, err := r.members([]uint64{id + 1})
			if err != nil {
				return err
			}
			got, ok := s.read[id+1]
			if diff := cmp.Diff(want[0], got); !ok || diff != "" {
				t.Errorf("entry %d: %s", id+1, diff)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
