package store

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"aggregator/stories"
)

// layoutFile unpacks the file of an earlier layout.
func layoutFile(t *testing.T, layout int) (path, holds string) {
	t.Helper()
	name := fmt.Sprintf("testdata/layouts/%d", layout)
	packed, err := os.Open(name + ".db.gz")
	if err != nil {
		t.Fatal("every earlier layout needs a file made by the program of its time: ", err)
	}
	defer packed.Close()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "store.db")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, plain); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return path, string(text)
}

// contents lists what a store says, a line each.
func contents(t *testing.T, s *Store) string {
	t.Helper()
	var lines []string
	for _, st := range all(t, s) {
		for _, m := range st.Members {
			lines = append(lines, fmt.Sprintf("entry %04d story %d copy of %d %s: %s", m.Entry, st.ID, m.CopyOf, m.Outlet, m.Title))
		}
		lines = append(lines, fmt.Sprintf("story %04d first %s, %d verdicts", st.ID, st.Verdict.Outlet, len(st.History)))
	}
	err := s.view(func(r *reader) error {
		return r.redirects.ForEach(func(k, v []byte) error {
			lines = append(lines, fmt.Sprintf("story %d became %d", number(k), number(v)))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	r := intact(t, s)
	lines = append(lines, fmt.Sprintf("versions %d, gone %d", r.Versions, r.Gone))
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// byRulesOfNow leaves of contents what holds by any rules, when those that made
// the file's sketches are no more: then all entries are placed anew.
func byRulesOfNow(t *testing.T, path string) func(contents string) string {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	same := false
	_ = db.View(func(tx *bbolt.Tx) error {
		_, v := tx.Bucket(bucketSketches).Cursor().First()
		same = len(v) > 4 && v[4] == stories.Rules
		return nil
	})
	place := regexp.MustCompile(` story \d+ copy of \d+`)
	return func(contents string) string {
		if same {
			return contents
		}
		kept := ""
		for line := range strings.Lines(contents) {
			if !strings.HasPrefix(line, "story ") {
				kept += place.ReplaceAllString(line, "")
			}
		}
		return kept
	}
}

// A file of every earlier layout opens and says what it said.
func TestEveryEarlierLayoutOpens(t *testing.T) {
	for layout := 1; layout < schema; layout++ {
		path, want := layoutFile(t, layout)
		holds := byRulesOfNow(t, path)
		if _, err := Open(path, Options{ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "start the daemon once") {
			t.Errorf("layout %d, to be read only: %v", layout, err)
		}
		for range 2 {
			s := openAt(t, path)
			if d := cmp.Diff(holds(want), holds(contents(t, s))); d != "" {
				t.Errorf("layout %d: %s", layout, d)
			}
			add(t, s, poll("https://tribune.example/feed", "tribune", noon.AddDate(0, 3, 0)))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A migration that is interrupted leaves the layout that was there.
func TestInterruptedMigration(t *testing.T) {
	path, want := layoutFile(t, 1)
	holds := byRulesOfNow(t, path)
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the disk broke")
	s := &Store{db: db, path: path, fault: func(point string) error {
		if point == "migrated" {
			return broken
		}
		return nil
	}}
	if err := s.migrate(1); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	_ = db.View(func(tx *bbolt.Tx) error {
		if v := metaNumber(tx, metaSchema); v != 1 || tx.Bucket(bucketCorrections) != nil {
			t.Errorf("layout %d after a failed migration", v)
		}
		return nil
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(holds(want), holds(contents(t, openAt(t, path)))); d != "" {
		t.Error(d)
	}
}
