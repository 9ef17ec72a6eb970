package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aggregator/feeds"
)

// Whatever an outlet is called, what is written is read back as the same outlet.
func TestFormattedOutletsAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Outlet
		var b strings.Builder
		for i := range rapid.IntRange(1, 4).Draw(t, "outlets") {
			o := Outlet{Outlet: feeds.Outlet{
				ID: fmt.Sprintf("outlet-%d", i), Name: fmt.Sprintf("%d %s", i, rapid.String().Draw(t, "name")),
				Home: fmt.Sprintf("https://o%d.example/", i), Language: rapid.SampledFrom([]string{"", "en", "pt-BR"}).Draw(t, "language"),
				Category: rapid.String().Draw(t, "category"),
			}}
			if rapid.Bool().Draw(t, "alias") {
				o.Aliases = []string{fmt.Sprintf("alias %d \x7f\t%q", i, rapid.String().Draw(t, "alias"))}
			}
			o.Schedule = rapid.SampledFrom([]string{feeds.DefaultSettings().Schedule, "@hourly", "adaptive"}).Draw(t, "own schedule")
			o.Floor = rapid.SampledFrom([]time.Duration{feeds.DefaultSettings().Floor, 20 * time.Minute}).Draw(t, "own floor")
			for j := range rapid.IntRange(1, 3).Draw(t, "feeds") {
				f := Feed{URL: fmt.Sprintf("https://o%d.example/%d", i, j), Settings: feeds.DefaultSettings()}
				f.Settings.Schedule = rapid.SampledFrom([]string{f.Settings.Schedule, "@hourly", "adaptive", "CRON_TZ=Africa/Lagos 0 7 * * *"}).Draw(t, "schedule")
				f.Settings.Floor = rapid.SampledFrom([]time.Duration{f.Settings.Floor, 90 * time.Second, 20 * time.Minute}).Draw(t, "floor")
				o.Feeds = append(o.Feeds, f)
			}
			list = append(list, o)
			b.WriteString(FormatOutlet(o) + "\n")
		}
		c, err := Parse("x.toml", []byte(b.String()))
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		for i := range c.Outlets {
			c.Outlets[i].Line = 0
			for j := range c.Outlets[i].Feeds {
				f := &c.Outlets[i].Feeds[j]
				pace := feeds.DefaultSettings()
				pace.Schedule, pace.Floor = f.Settings.Schedule, f.Settings.Floor
				f.Settings, f.Line = pace, 0 // a feed's own schedule changes more: full_floor
			}
		}
		if d := cmp.Diff(list, c.Outlets); d != "" {
			t.Errorf("%s\n%s", d, b.String())
		}
	})
}
