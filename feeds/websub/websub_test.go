package websub

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aggregator/feeds"
)

func TestPoliteness40LinkFieldsFirstThenTheDocument(t *testing.T) {
	const page = "https://c.example/feed"
	doc := Links{Hubs: []string{"http://plain.example/", "https://one.example/", "https://two.example/"}, Self: "https://c.example/self"}
	for _, c := range []struct {
		what        string
		link        []string
		doc         Links
		page, hub   string
		topic, kept string
	}{
		{"the document, https before http", nil, doc, page, "https://one.example/", "https://c.example/self", ""},
		{"the hub that it has stays", nil, doc, page, "https://two.example/", "https://c.example/self", "https://two.example/"},
		{"the header before the document", []string{`<https://h.example/?a,b;c>; rel="hub", </me>; rel=self`}, doc, page, "https://h.example/?a,b;c", "https://c.example/me", "https://one.example/"},
		{"two fields, other parameters, several words, a fragment", []string{`</x>; title="a, <b>; rel=hub"; REL="alternate HUB"`, `<https://c.example/s#x>; rel=self; rel=hub`}, Links{}, page, "https://c.example/x", "https://c.example/s", ""},
		{"a header without self", []string{`<https://h.example/>; rel=hub`}, doc, page, "https://h.example/", "https://c.example/self", ""},
		{"a feed that does not name itself", nil, Links{Hubs: doc.Hubs}, page, "https://one.example/", page, ""},
		{"an https feed is not told of without https", nil, Links{Hubs: doc.Hubs[:1]}, page, "", "", ""},
		{"a feed without it may be", nil, Links{Hubs: doc.Hubs[:1]}, "http://c.example/", "http://plain.example/", "http://c.example/", ""},
		{"and has an https hub all the same where there is one", nil, doc, "http://c.example/", "https://one.example/", "https://c.example/self", "http://plain.example/"},
		{"addresses that are none", []string{`<javascript:alert(1)>; rel=hub, <https://u:p@h.example/>; rel=hub, <::>; rel=hub`}, Links{}, page, "", "", ""},
		{"no hub", []string{`<https://c.example/next>; rel=next`, `<broken`}, Links{Self: page}, page, "", "", ""},
	} {
		hub, topic := Discover(http.Header{"Link": c.link}, c.doc, c.page, c.kept)
		if hub != c.hub || topic != c.topic {
			t.Errorf("%s: %q %q", c.what, hub, topic)
		}
	}
}

// No header makes discovery fail, or name an address that is none.
func FuzzDiscover(f *testing.F) {
	f.Add(`<a>; rel="hub self"; x="\"`, "https://c.example/")
	f.Add(`<>;;,=<,>;rel`, "http://c.example/")
	f.Fuzz(func(t *testing.T, link, page string) {
		hub, topic := Discover(http.Header{"Link": {link}}, Links{}, page, "")
		if hub == "" {
			return
		}
		for _, address := range []string{hub, topic} {
			u, err := url.Parse(address)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || address == hub && u.Host == "" {
				t.Errorf("%q of %q", address, link)
			}
		}
	})
}

func TestPoliteness42Signatures(t *testing.T) {
	const secret, body = "s", "a document"
	sign := func(method string) string {
		mac := hmac.New(methods[method], []byte(secret))
		mac.Write([]byte(body))
		return method + "=" + hex.EncodeToString(mac.Sum(nil))
	}
	for _, method := range []string{"sha1", "sha256", "sha384", "sha512"} {
		right := sign(method)
		wrong := []string{strings.Replace(right, method, "md5", 1), right[:len(right)-2], right + "00", method + "=", method, strings.Replace(right, method+"=", "sha256=0", 1)}
		for _, ok := range []string{right, strings.ToUpper(right), " " + right} {
			if !Verify(ok, secret, []byte(body)) {
				t.Errorf("%s is refused", ok)
			}
		}
		for _, bad := range wrong {
			if Verify(bad, secret, []byte(body)) {
				t.Errorf("%s is taken", bad)
			}
		}
		if Verify(right, secret, []byte(body+" ")) || Verify(right, "t", []byte(body)) || Verify(right, "", []byte(body)) {
			t.Errorf("%s is taken for another body or secret", method)
		}
	}
	empty := hmac.New(sha256.New, nil)
	if Verify("sha256="+hex.EncodeToString(empty.Sum(nil)), "", nil) {
		t.Error("without a secret anybody may sign")
	}
}

func TestPoliteness44RenewedBeforeTheLeaseEnds(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.String().Draw(t, "token")
		for _, lease := range []time.Duration{time.Hour, 24 * time.Hour, 10 * 24 * time.Hour, maxLease} {
			w := verified(feeds.WebSub{Token: token}, now, lease)
			if at := w.Next.Sub(now); at < lease*3/4 || at > lease*7/8 || !w.Until.Equal(now.Add(lease)) {
				t.Fatalf("a lease of %s is renewed after %s", lease, at)
			}
		}
	})
	moments := map[time.Duration]bool{}
	for _, token := range []string{"a", "b", "c", "d"} {
		moments[renewal(token, 240*time.Hour)] = true
	}
	if len(moments) != 4 {
		t.Errorf("they are renewed together: %v", moments)
	}
	for v, want := range map[string]time.Duration{"": standardLease, "0": standardLease, "-5": standardLease, "x": standardLease, "3600": time.Hour, "99999999999999": maxLease, "999999999999999999999": standardLease} {
		if got := lease(v); got != want {
			t.Errorf("hub.lease_seconds %q is %s", v, got)
		}
	}
	if w := verified(feeds.WebSub{Since: now, Until: now.Add(-time.Hour), Late: 3}, now, time.Minute); !w.Next.Equal(now.Add(minRenewal)) || w.Late != 0 || !w.Since.Equal(now) {
		t.Errorf("%+v", w)
	}
}

func TestAHubThatDoesNotVerifyIsAskedMoreAndMoreRarely(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	w := begun(feeds.WebSub{Hub: "h", Topic: "t"}, now, "https://me.example")
	token, waits := w.Token, []time.Duration{w.Next.Sub(now)}
	for range 12 {
		now = w.Next
		w = begun(w, now, "https://me.example")
		waits = append(waits, w.Next.Sub(now))
	}
	if w.Token != token || !strings.Contains(w.Problem, "reach https://me.example") || w.Failures != 12 {
		t.Errorf("%+v", w)
	}
	if waits[0] != time.Hour || waits[3] != 4*time.Hour || waits[12] != maxBackoff {
		t.Errorf("the waits are %v", waits)
	}
	if w := begun(feeds.WebSub{}, now, ""); w.Token != "" {
		t.Error("a subscription without a hub")
	}
}
