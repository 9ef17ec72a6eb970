package stories

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// plainAddress must say what url.Parse says, or leave the address to it.
func TestPlainAddress(t *testing.T) {
	check := func(t rapid.TB, address string) bool {
		host, path, ok := plainAddress(address)
		if !ok {
			return false
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatalf("%q: split, but url.Parse says %v", address, err)
		}
		if want := strings.ToLower(u.Hostname()); host != want || path != u.Path {
			t.Fatalf("%q: got %q %q, want %q %q", address, host, path, want, u.Path)
		}
		return true
	}
	for _, address := range []string{"https://example.org", "https://example.org:80/", "http://www.example.org/a/b/?q=1#top", "https://example.org?q=/x", "https://a.b/x:y@z;w=1,2"} {
		if !check(t, address) {
			t.Errorf("%q was not split", address)
		}
	}
	for _, address := range []string{"ftp://example.org/", "https://example.org:a/", "https://u@example.org/", "https://EXAMPLE.org/", "https://example.org/a%20b", "https://exämple.org/", "https://[::1]/"} {
		if check(t, address) {
			t.Errorf("%q was split", address)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, "http"+rapid.SampledFrom([]string{"", "s"}).Draw(t, "s")+"://"+rapid.StringMatching(`[a-zA-Z0-9./?#:@%\[\]*!~ -]{0,30}`).Draw(t, "rest"))
	})
}
