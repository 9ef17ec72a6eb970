package poll

import (
	"net/http"
	"strings"
	"testing"

	"aggregator/feeds"
)

// Items that say nothing are not kept, however often they come; an item with a
// single thing to say is.
func TestItemsThatSayNothingAreLeftOut(t *testing.T) {
	body := strings.Replace(document(2, 1), "<item>", `<item/><item><pubDate>Tue, 05 Mar 2024 14:00:00 GMT</pubDate><category>City</category></item><item><title> </title></item>`+
		`<item><enclosure url="https://courier.example/3.mp3" type="audio/mpeg" length="1"/></item><item><guid>g4</guid></item><item>`, 1)
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) { _, _ = rw.Write([]byte(body)) })
	for i := range 2 {
		s := w.ask(0)
		polls := w.of(w.URL + "/feed")
		items := polls[len(polls)-1].Items
		if s.Outcome != feeds.Changed || len(items) != 4 || len(s.Known) != 4 || s.Entries != 4 {
			t.Fatalf("poll %d: %s, %d items, %d known, %d entries; want 4", i, s.Outcome, len(items), len(s.Known), s.Entries)
		}
		for _, it := range items {
			if i == 0 && (it.Entry == nil || it.Entry.GUID == "" && len(it.Entry.Enclosures) == 0) || i == 1 && it.Entry != nil {
				t.Errorf("poll %d: %+v", i, it.Entry)
			}
		}
		body = strings.Replace(body, "<title>The Courier</title>", "<title>The Courier, evening</title>", 1)
	}
}
