package stories

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// digestOfStories places and attributes entries of several scripts, with copies,
// edits and claims, and gives a hash of all that came of it. The entries are made
// with whole numbers alone.
func digestOfStories(t *testing.T) string {
	r := rand.New(rand.NewPCG(3, 1))
	vocabulary := map[string][]string{}
	for _, v := range [][2]string{{"en", "ba de fi go ku la mer nor pit sun tar vel wix"}, {"ru", "ба ве го ди жу ки лен мар нос пут"},
		{"ar", "با تو جي دا رو سم كت لم نو هب"}, {"zh", "山 水 火 木 金 土 日 月 人 口 心 手 田 力"}, {"vi", "bán cờ đủ ghế hữu lặng mưa nước phố"}} {
		lang, syllables := v[0], v[1]
		parts := strings.Fields(syllables)
		for range 400 {
			w := ""
			for range 1 + r.IntN(3) {
				w += parts[r.IntN(len(parts))]
			}
			vocabulary[lang] = append(vocabulary[lang], w)
		}
	}
	text := func(r *rand.Rand, lang string, n int) string {
		var b strings.Builder
		for range n {
			w := vocabulary[lang][min(r.IntN(400), r.IntN(400))]
			if r.IntN(8) == 0 {
				w = strings.ToUpper(w[:1]) + w[1:]
			}
			if r.IntN(20) == 0 {
				w = fmt.Sprint(r.IntN(5000))
			}
			b.WriteString(w + " ")
		}
		return b.String()
	}
	world, members := newWorld(t, Options{Window: 30 * time.Hour}), map[uint64]Member{}
	at := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	languages := []string{"en", "ru", "ar", "zh", "vi"}
	for i := range 1500 {
		at = at.Add(time.Duration(r.IntN(400)) * time.Second)
		lang := languages[r.IntN(len(languages))]
		event := rand.New(rand.NewPCG(uint64(i/6), 5))
		e := &feeds.Entry{Outlet: fmt.Sprint("outlet-", r.IntN(25)), Language: lang, Link: fmt.Sprintf("https://o%d.example/%d", i%25, i),
			Title: text(event, lang, 7) + text(r, lang, 2), Text: text(event, lang, 40) + text(r, lang, r.IntN(150)),
			Published: feeds.Date{Time: at.Add(-time.Duration(r.IntN(7200)) * time.Second)}}
		id := uint64(i + 1)
		if i > 50 && r.IntN(20) == 0 { // an edit
			id = uint64(i - r.IntN(50))
			if !world.index.Holds(id) {
				continue
			}
		}
		seen := feeds.Seen{After: at.Add(-time.Duration(1+r.IntN(3600)) * time.Second), At: at}
		if id == uint64(i+1) {
			members[id] = Member{Entry: id, Outlet: e.Outlet, Title: e.Title, Link: e.Link, Seen: seen, Published: e.Published}
		}
		world.place(id, e, seen)
	}
	sum, grouped := sha256.New(), map[uint64][]Member{}
	for id := uint64(1); id <= 1500; id++ {
		p, ok := world.placed[id]
		m, known := members[id]
		if !ok || !known {
			continue
		}
		fmt.Fprintf(sum, "%+v\n", p)
		m.CopyOf, m.Share = p.CopyOf, p.Share
		grouped[p.Story] = append(grouped[p.Story], m)
	}
	for story := uint64(1); story < world.index.NextStory(); story++ {
		v, groups := Attribute(grouped[story], nil)
		fmt.Fprintf(sum, "%d %+v %+v\n", story, v, groups)
	}
	return fmt.Sprintf("%x of %d stories", sum.Sum(nil), len(grouped))
}

// The same entries give the same stories and verdicts on other machines: this very
// test is built for them and run there.
func TestOtherMachinesDecideAlike(t *testing.T) {
	want := digestOfStories(t)
	if os.Getenv("AGGREGATOR_DIGEST") != "" {
		fmt.Println("digest", want)
		return
	}
	if testing.Short() {
		t.Skip("builds this package twice")
	}
	for _, m := range []struct {
		arch string
		run  []string // programs that run it; "" is the machine itself
	}{{"386", []string{"", "qemu-i386-static", "qemu-i386"}}, {"arm64", []string{"qemu-aarch64-static", "qemu-aarch64"}}} {
		t.Run(m.arch, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "stories.test")
			args := []string{program}
			for _, name := range m.run {
				if name == "" && (runtime.GOARCH != "amd64" || runtime.GOOS != "linux") {
					continue
				}
				if name == "" {
					break
				}
				path, err := exec.LookPath(name)
				if err == nil {
					args = []string{path, program}
					break
				}
				if name == m.run[len(m.run)-1] {
					t.Skipf("needs %s (package qemu-user-static) to run programs for %s", m.run[len(m.run)-2], m.arch)
				}
			}
			build := exec.Command("go", "test", "-c", "-o", program, ".")
			build.Env = append(os.Environ(), "GOARCH="+m.arch, "GOOS=linux", "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			run := exec.Command(args[0], append(args[1:], "-test.run", "^TestOtherMachinesDecideAlike$")...)
			run.Env = append(os.Environ(), "AGGREGATOR_DIGEST=1")
			out, err := run.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !strings.Contains(string(out), "digest "+want+"\n") {
				t.Errorf("here: %s\nthere: %s", want, out)
			}
		})
	}
}
