package reader_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"
)

// BenchmarkSync is what a reader that syncs asks, with 3,000 stories.
func BenchmarkSync(b *testing.B) {
	const n = 3000
	d := newDesk(b, 0)
	for i := 0; i < n; i += 50 {
		var titles []string
		for j := range 50 {
			titles = append(titles, fmt.Sprintf("n%dx%d p%d q%d r%d", i, j, i*7+j, i*11+j, i*13+j))
		}
		d.poll(outlets[i/50%3].ID, titles...)
	}
	d.login()
	ask := func(name, method, target string, form url.Values) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if resp := d.request(method, target, form); resp.StatusCode != 200 {
					b.Fatal(resp.Status)
				}
			}
		})
	}
	const everything = state + "reading-list"
	b.Run("lists made anew", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			d.poll("relay", fmt.Sprint("further ", b.Elapsed(), " ", time.Now().UnixNano()))
			b.StartTimer()
			d.request("GET", ids+everything+"&n=1", nil)
		}
	})
	ask("ids of all", "GET", ids+everything+"&n=10000", nil)
	ask("unread counts", "GET", "/reader/api/0/unread-count?output=json", nil)
	ask("20 items", "GET", contents+everything, nil)
	ask("1000 items", "GET", contents+everything+"?n=1000", nil)
	ask("mark one", "POST", "/reader/api/0/edit-tag", url.Values{"i": {"5"}, "a": {state + "read"}})
}
