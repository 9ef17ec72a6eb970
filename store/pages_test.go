package store

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A file whose pages are found good is one that bbolt opens without a panic,
// which would take the test's process with it: a child opens them.
func TestDamagedPagesAreFound(t *testing.T) {
	s, _ := openTemp(t)
	for _, p := range script()[:20] {
		add(t, s, p)
	}
	good := backupOf(t, s)
	if err := checkPagesOf(bytes.NewReader(good), int64(len(good))); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 6))
	missed := 0
	dir := t.TempDir()
	for i := range 60 {
		bad := bytes.Clone(good)
		switch i % 3 {
		case 0:
			bad = bad[:r.IntN(len(bad))]
		case 1: // a page goes missing
			n := 2 + r.IntN(len(bad)/4096-2)
			clear(bad[n*4096 : (n+1)*4096])
		case 2: // a header is damaged
			n := 2 + r.IntN(len(bad)/4096-2)
			bad[n*4096+r.IntN(16)] ^= 1 << r.IntN(8)
		}
		if checkPagesOf(bytes.NewReader(bad), int64(len(bad))) == nil {
			missed++ // a free page, or one that no tree holds
			path := filepath.Join(dir, "damaged.db")
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=10", "STORE_TEST_CHILD="+path, "STORE_TEST_FROM=60")
			if out, _ := cmd.CombinedOutput(); strings.Contains(string(out), "panic") {
				t.Errorf("damage %d was found good: %s", i, out)
			}
		}
	}
	if missed > 40 {
		t.Errorf("%d of 60 were found good", missed)
	}
}

func FuzzPages(f *testing.F) {
	f.Add([]byte("no store"), 100)
	s, _ := openTemp(f)
	var b bytes.Buffer
	if err := s.Backup(f.Context(), &b, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes(), b.Len())
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		_ = checkPagesOf(bytes.NewReader(data), int64(max(0, min(n, len(data)))))
	})
}
