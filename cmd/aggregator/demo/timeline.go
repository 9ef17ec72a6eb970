package demo

import "time"

// Event is one thing that a sample outlet publishes while the demo runs.
type Event struct {
	// ID is the name by which the feeds' templates ask whether it happened.
	ID string
	// After is the time from the start.
	After time.Duration
	// Outlet is the ID of the outlet, Feed the name of its feed's file.
	Outlet, Feed string
	// GUID is the entry that appears, or changes when Edit is set.
	GUID string
	Edit bool
	// What happens, in words for the person who watches.
	What string
}

// Timeline is what happens after the start, in order. Everything else stands in
// the feeds from the beginning.
func Timeline() []Event {
	return append([]Event(nil), timeline...)
}

var timeline = []Event{
	{"syria-copy", 8 * time.Second, "dailyrelay", "dailyrelay.rss", "https://dailyrelay.example/world/one-thousand-syrian-soldiers-flee-to-iraq", false,
		"Daily Relay copies The Whistler's report from Syria with its footer; The Whistler's own feed lags"},
	{"lighthouse", 14 * time.Second, "coastalherald", "coastalherald.rss", "https://coastalherald.example/news/holm-point-light-switched", false,
		"Coastal Herald publishes a story that nobody else has"},
	{"copper-gulf", 20 * time.Second, "gulfmeridian", "gulfmeridian.rss", "gm:article:701948", false,
		"Gulf Meridian is the third to carry Reuters on copper"},
	{"syria-original", 28 * time.Second, "thewhistler", "thewhistler.rss", "https://thewhistler.ng/?p=214873", false,
		"The Whistler's feed catches up: the original that Daily Relay's footer names"},
	{"ferry-edit", 36 * time.Second, "coastalherald", "coastalherald.rss", "https://coastalherald.example/news/ferry-saint-brannoc-aground", true,
		"Coastal Herald corrects 40 passengers to 46, in headline and text"},
	{"syria-levant", 44 * time.Second, "levanttribune", "levanttribune.atom", "tag:levanttribune.example,2024:article/88213", false,
		"The Levant Tribune reports the crossing in its own words"},
	{"syria-gulf", 50 * time.Second, "gulfmeridian", "gulfmeridian.rss", "gm:article:701955", false,
		"Gulf Meridian reports the crossing in its own words"},
	{"ferry-reprint", 55 * time.Second, "dailyrelay", "dailyrelay.rss", "https://dailyrelay.example/world/harbour-ferry-runs-aground-in-fog", false,
		"Daily Relay reprints the ferry story and credits Coastal Herald"},
	{"marsh", 58 * time.Second, "rafidain", "rafidain.json", "rafidain-30418", false,
		"Sawt al-Rafidain publishes another story in Arabic"},
}

// find returns an event by its name.
func find(id string) (Event, bool) {
	for _, e := range timeline {
		if e.ID == id {
			return e, true
		}
	}
	return Event{}, false
}
