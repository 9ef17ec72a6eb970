package reader_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aggregator/serve"
)

func TestLogin(t *testing.T) {
	d := newDesk(t, 0)
	for _, c := range []struct {
		name   string
		form   url.Values
		status int
	}{
		{"right", url.Values{"Email": {"ada"}, "Passwd": {word}}, 200},
		{"capital", url.Values{"Email": {"Ada"}, "Passwd": {word}}, 200},
		{"wrong password", url.Values{"Email": {"ada"}, "Passwd": {"wrong horse"}}, 401},
		{"nobody", url.Values{"Email": {"eve"}, "Passwd": {word}}, 401},
		{"nothing", url.Values{}, 401},
	} {
		resp := d.request("POST", "/api/greader.php/accounts/ClientLogin", c.form)
		body := d.text(resp)
		if resp.StatusCode != c.status || (c.status == 200) != strings.Contains(body, "\nAuth=ada/") {
			t.Errorf("%s: %s %q", c.name, resp.Status, body)
		}
		if c.status == 401 && body != "Error=BadAuthentication\n" {
			t.Errorf("%s: %q tells more than that it failed", c.name, body)
		}
	}
	if log := d.log.String(); !strings.Contains(log, "192.0.2.1") || strings.Contains(log, "ada") || strings.Contains(log, "horse") {
		t.Errorf("the log of failed logins: %s", log)
	}
	if resp := d.request("GET", "/accounts/ClientLogin?Email=ada&Passwd=correct+horse", nil); resp.StatusCode == 200 {
		t.Error("a password was taken from an address, which logs keep")
	}
	last := 0
	for range 20 {
		last = d.request("POST", "/accounts/ClientLogin", url.Values{"Email": {"ada"}, "Passwd": {"guess"}}).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("passwords can be guessed without end: %d", last)
	}
	d.now = d.now.Add(time.Minute)
	d.login()
}

func TestNothingWithoutASession(t *testing.T) {
	d := filled(t)
	good := d.auth
	if token := d.text(d.request("GET", "/reader/api/0/token", nil)); len(token) != 57 {
		t.Errorf("the token %q has not 57 characters", token)
	}
	for _, auth := range []string{"", "ada", "ada/", "ada/AAAA", good + "A", "bob" + good[3:]} {
		d.auth = auth
		for _, target := range []string{"token", "user-info", "subscription/list?output=json", "tag/list", "unread-count", "stream/contents", "stream/items/ids?s=feed/harbour"} {
			if resp := d.request("GET", "/reader/api/0/"+target, nil); resp.StatusCode != 401 {
				t.Errorf("%q opened %s: %s", auth, target, resp.Status)
			}
		}
		d.change("/reader/api/0/edit-tag", url.Values{"i": {"1"}, "a": {state + "read"}}, 401)
	}
	d.auth = good
	d.has(state + "read")
	if err := d.store.SetPassword(context.Background(), "ada", "another horse"); err != nil {
		t.Fatal(err)
	}
	if resp := d.request("GET", "/reader/api/0/token", nil); resp.StatusCode != 401 {
		t.Error("the session outlived its password")
	}
}

func TestStreams(t *testing.T) {
	d := filled(t)
	d.change("/reader/api/0/edit-tag", url.Values{"i": {"2", "4"}, "a": {state + "read"}}, 200)
	d.change("/reader/api/0/edit-tag", url.Values{"i": {"1", "2"}, "a": {state + "starred"}}, 200)
	d.change("/reader/api/0/edit-tag", url.Values{"i": {"3"}, "r": {state + "read"}, "a": {state + "kept-unread", state + "tracking-kept-unread"}}, 200)
	all, at3 := state+"reading-list", fmt.Sprint(noon.Add(6*time.Minute).Unix())
	for query, want := range map[string]string{
		all: "4 3 2 1",
		"user/1234/state/com.google/reading-list": "4 3 2 1",
		all + "&n=1":                  "4 3 2 1", // in pages of one
		all + "&r=o":                  "1 2 3 4",
		all + "&r=o&n=3":              "1 2 3 4",
		all + "&xt=" + state + "read": "3 1",
		all + "&it=" + state + "read": "4 2",
		all + "&it=" + state + "starred&xt=" + state + "read": "1",
		all + "&ot=" + at3:                 "4 3",
		all + "&nt=" + at3:                 "3 2 1",
		all + "&ot=" + at3 + "000000":      "4 3", // microseconds
		state + "read":                     "4 2",
		state + "starred":                  "2 1",
		state + "starred&n=1":              "2 1",
		state + "kept-unread":              "3",
		state + "broadcast":                "",
		"feed/harbour":                     "2 1",
		"feed/nowhere":                     "",
		"feed/harbour&s=feed/inland":       "4 2 1",
		"user/-/label/coast":               "3 2 1",
		"user/-/label/coast&xt=feed/relay": "2 1",
	} {
		d.has(query, append([]string(nil), strings.Fields(want)...)...)
	}
	var inContents []string
	for _, item := range read[itemsAnswer](d, contents+"user/-/label/coast?n=2").Items {
		inContents = append(inContents, item.ID[len(item.ID)-1:])
	}
	if !slices.Equal(inContents, []string{"3", "2"}) {
		t.Error(inContents)
	}
	// What comes while pages are turned shifts nothing.
	page := read[idsAnswer](d, ids+all+"&n=2")
	d.poll("relay", "Bridge closed for a week")
	if rest := read[idsAnswer](d, ids+all+"&n=2&c="+page.Continuation); len(rest.ItemRefs) != 2 || rest.ItemRefs[0].ID != "2" {
		t.Errorf("%+v", rest)
	}
}

type itemsAnswer struct {
	ID, Title, Continuation string
	Items                   []struct {
		ID, CrawlTimeMsec, TimestampUsec, Title, Author string
		Published, Updated                              int64
		Canonical, Alternate                            []struct{ Href string }
		Categories                                      []string
		Origin                                          struct{ StreamID, Title, HTMLURL string }
		Summary                                         struct{ Content string }
		Enclosure                                       []struct{ Href, Type string }
	}
}

func TestItems(t *testing.T) {
	d := filled(t)
	d.change("/reader/api/0/edit-tag", url.Values{"i": {"tag:google.com,2005:reader/item/0000000000000001"}, "a": {state + "read", state + "starred"}}, 200)
	a := read[itemsAnswer](d, contents+"feed%2Fharbour?n=1&r=o")
	if a.ID != "feed/harbour" || a.Title != "Harbour Post" || len(a.Items) != 1 || a.Continuation == "" {
		t.Fatalf("%+v", a)
	}
	item := a.Items[0]
	first := noon.Add(4 * time.Minute)
	if item.ID != "tag:google.com,2005:reader/item/0000000000000001" || item.Title != "Ferry resumes after the storm" || item.Author != "Harbour Post" ||
		item.Published != first.Unix() || item.TimestampUsec != fmt.Sprint(first.UnixMicro()) || item.CrawlTimeMsec != fmt.Sprint(first.UnixMilli()) {
		t.Errorf("%+v", item)
	}
	if !slices.Equal(item.Categories, []string{state + "reading-list", "user/-/label/coast", state + "read", state + "starred"}) {
		t.Error(item.Categories)
	}
	if o := item.Origin; o.StreamID != "feed/harbour" || o.Title != "Harbour Post" || o.HTMLURL != "https://harbour.example/" {
		t.Error(o)
	}
	if html := item.Summary.Content; !strings.Contains(html, "<b>bold</b>") || strings.Contains(html, "script") || !strings.Contains(html, "https://news.example/stories/1") {
		t.Error(html)
	}
	if !strings.HasPrefix(item.Canonical[0].Href, "https://harbour.example/") || item.Alternate[0].Href != item.Canonical[0].Href || item.Enclosure[0].Type != "audio/mpeg" {
		t.Errorf("%+v", item)
	}
	resp := d.request("POST", "/api/greader.php/reader/api/0/stream/items/contents",
		url.Values{"i": {"4", "tag:google.com,2005:reader/item/0000000000000002", "0000000000000004", "4711"}, "output": {"json"}, "T": {"x"}})
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || len(a.Items) != 2 || a.Items[0].Title != "Wheat harvest begins early & well" {
		t.Errorf("%v %+v", err, a)
	}
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Entries []struct {
			ID         string `xml:"id"`
			Title      string `xml:"title"`
			Content    string `xml:"content"`
			Categories []struct {
				Label string `xml:"label,attr"`
			} `xml:"category"`
		} `xml:"entry"`
	}
	if err := xml.NewDecoder(d.request("GET", "/reader/atom/feed/harbour?n=5", nil).Body).Decode(&feed); err != nil || len(feed.Entries) != 2 {
		t.Fatalf("%v %+v", err, feed)
	}
	for i, label := range []string{"fresh", "read"} {
		if !slices.ContainsFunc(feed.Entries[i].Categories, func(c struct {
			Label string `xml:"label,attr"`
		}) bool {
			return c.Label == label
		}) {
			t.Errorf("%+v is not %s", feed.Entries[i], label)
		}
	}
}

func TestLists(t *testing.T) {
	d := filled(t)
	d.change("/reader/api/0/edit-tag", url.Values{"i": {"2"}, "a": {state + "read"}}, 200)
	subs := read[struct {
		Subscriptions []struct {
			ID, Title, URL string
			Categories     []struct{ ID, Label string }
		}
	}](d, "/reader/api/0/subscription/list?output=json").Subscriptions
	if len(subs) != 3 || subs[0].ID != "feed/relay" || subs[1].URL != "https://news.example/feed.atom?first=harbour" || subs[1].Categories[0].Label != "coast" || subs[2].Categories == nil {
		t.Errorf("%+v", subs)
	}
	tags := read[struct{ Tags []struct{ ID, Type string } }](d, "/reader/api/0/tag/list?output=json").Tags
	if len(tags) != 2 || tags[0].ID != state+"starred" || tags[1].ID != "user/-/label/coast" || tags[1].Type != "folder" {
		t.Errorf("%+v", tags)
	}
	counts := map[string]int{}
	unread := read[struct {
		Max          int
		Unreadcounts []struct {
			ID    string
			Count int
		}
	}](d, "/reader/api/0/unread-count?output=json")
	for _, c := range unread.Unreadcounts {
		counts[c.ID] = c.Count
	}
	if diff := cmp.Diff(map[string]int{"feed/harbour": 1, "feed/relay": 1, "feed/inland": 1, "user/-/label/coast": 2, state + "reading-list": 3}, counts); diff != "" || unread.Max != 3 {
		t.Error(diff)
	}
	if user := read[struct{ UserID, UserName string }](d, "/reader/api/0/user-info"); user.UserName != "ada" {
		t.Error(user)
	}
	resp := d.request("GET", "/reader/api/0/subscription/list?output=xml", nil)
	if body := d.text(resp); !strings.Contains(body, `<object><list name="subscriptions"><object><string name="id">feed/relay</string>`) ||
		xml.Unmarshal([]byte(body), new(any)) != nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/xml") {
		t.Error(body)
	}
}

func TestEditing(t *testing.T) {
	d := filled(t)
	token := d.text(d.request("GET", "/reader/api/0/token", nil))
	edit := func(want int, form url.Values) { t.Helper(); d.change("/reader/api/0/edit-tag", form, want) }
	read := state + "read"
	edit(200, url.Values{"i": {"1"}, "a": {read}, "T": {token + "\n"}})
	edit(200, url.Values{"i": {"1"}, "a": {read}, "r": {state + "kept-unread"}, "ac": {"edit"}})
	edit(200, url.Values{"i": {"1"}, "a": {read}, "T": {d.auth}})
	d.has(read, "1")
	edit(200, url.Values{"i": {"1"}, "r": {read}})
	d.has(read)
	edit(200, url.Values{"i": {"1"}, "r": {state + "kept-unread"}})
	d.has(read, "1")
	edit(200, url.Values{"i": {"1"}, "a": {state + "broadcast", state + "like"}}) // nothing here
	edit(200, url.Values{"i": {"4711"}, "a": {read}})                             // not kept any more
	d.has(read, "1")
	edit(401, url.Values{"i": {"1"}, "r": {read}, "T": {"made up"}})
	edit(400, url.Values{"i": {"1"}, "a": {read}, "r": {read}})
	edit(400, url.Values{"i": {"1"}, "a": {"user/-/label/mine"}})
	edit(400, url.Values{"a": {read}})
	edit(400, url.Values{"i": {"1", "one"}, "r": {read}}) // all or nothing
	d.has(read, "1")
	for _, target := range []string{"rename-tag", "disable-tag", "subscription/edit", "subscription/import"} {
		d.change("/reader/api/0/"+target, url.Values{"s": {"user/-/label/coast"}}, 403)
	}
	if resp := d.request("POST", "/reader/api/0/subscription/quickadd", url.Values{"quickadd": {"https://x.example/"}}); !strings.Contains(d.text(resp), `"numResults":0`) {
		t.Error(resp.Status)
	}
	// All of a stream, as far as the reader has seen it.
	d.change("/reader/api/0/mark-all-as-read", url.Values{"s": {"user/-/label/coast"}, "ts": {fmt.Sprint(noon.Add(5 * time.Minute).UnixMicro())}}, 200)
	d.has(read, "2", "1")
	d.change("/reader/api/0/mark-all-as-read", url.Values{"s": {"feed/inland"}}, 200)
	d.has(read, "4", "2", "1")
	d.change("/reader/api/0/mark-all-as-read", url.Values{}, 400)
	d.change("/reader/api/0/mark-all-as-read", url.Values{"s": {state + "reading-list"}}, 200)
	d.has(state + "reading-list&xt=" + read)
}

// A story is not listed before it stands in the merged feed, and its time is the
// moment when it came into it: a reader that asked just before gets it next time.
func TestStoriesSettle(t *testing.T) {
	d := newDesk(t, 5*time.Minute)
	d.poll("harbour", "Ferry resumes after the storm")
	d.login()
	asked := d.now.Unix()
	d.has(state + "reading-list")
	d.now = d.now.Add(5 * time.Minute)
	d.has(state+"reading-list&ot="+fmt.Sprint(asked), "1")
	d.has(state+"reading-list&ot="+fmt.Sprint(d.now.Unix()), "1")
	d.has(state + "reading-list&ot=" + fmt.Sprint(d.now.Unix()+1))
}

// The only thing that opens is a header that no browser adds by itself; a page of
// another site is refused even when it knows what to send, and may read nothing.
func TestOtherSites(t *testing.T) {
	d := filled(t)
	r := httptest.NewRequest("POST", "/reader/api/0/edit-tag", strings.NewReader("i=1&a="+state+"read"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "GoogleLogin auth="+d.auth)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://evil.example")
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Error(w.Code)
	}
	d.has(state + "read")
	r = httptest.NewRequest("OPTIONS", "/reader/api/0/user-info", nil)
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Access-Control-Request-Headers", "authorization")
	w = httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if w.Code < 400 || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Error(w.Code, w.Header())
	}
}

func TestAnswersAreCompressedAndPrivate(t *testing.T) {
	d := filled(t)
	r := httptest.NewRequest("GET", contents, nil)
	r.Header.Set("Authorization", "GoogleLogin auth="+d.auth)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	z, err := gzip.NewReader(w.Body)
	if err != nil || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Cache-Control") != "private, no-store" {
		t.Fatal(err, w.Header())
	}
	var a itemsAnswer
	if err := json.NewDecoder(z).Decode(&a); err != nil || len(a.Items) != 4 {
		t.Error(err, len(a.Items))
	}
}

// Readers, marks and polls at the same time: each answer is whole, and nothing of
// what was marked is lost.
func TestTogether(t *testing.T) {
	d := filled(t)
	now := d.now.Add(time.Hour) // the clock is not part of this
	h := serve.New(d.store, serve.Options{Outlets: outlets, Users: d.store, Now: func() time.Time { return now }})
	ask := func(method, target string, form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "GoogleLogin auth="+d.auth)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	var g sync.WaitGroup
	for i := range 4 {
		g.Go(func() {
			for range 10 {
				if w := ask("POST", "/reader/api/0/edit-tag", url.Values{"i": {fmt.Sprint(i + 1)}, "a": {state + "read"}}); w.Code != 200 {
					t.Error(w.Code, w.Body)
				}
				var a itemsAnswer
				if w := ask("GET", contents, nil); json.Unmarshal(w.Body.Bytes(), &a) != nil || len(a.Items) < 4 {
					t.Error(w.Code, w.Body)
				}
			}
		})
	}
	for i := range 10 {
		d.poll("relay", fmt.Sprint("Bulletin number ", i, " of the evening"))
	}
	g.Wait()
	var a idsAnswer
	if w := ask("GET", ids+state+"read", nil); json.Unmarshal(w.Body.Bytes(), &a) != nil || len(a.ItemRefs) != 4 {
		t.Error(w.Body)
	}
}

// Whatever is asked, the answer is never a failure of the server.
func TestMalformedRequests(t *testing.T) {
	d := filled(t)
	for _, target := range []string{
		ids, ids + "feed/", ids + "user/-/state/com.google/nonsense", ids + "%ff", ids + strings.Repeat("x", 600), ids + state + "read&n=x", ids + state + "read&c=%zz",
		ids + state + "read&c=zzz", ids + state + "read&ot=-1", ids + state + "read&ot=tomorrow", ids + state + "read&r=zigzag", "/reader/api/0/stream/items/ids?output=yaml&s=" + state + "read",
		ids + strings.Repeat("feed/a&s=", 30), contents + "nonsense", contents + "?output=atom", "/reader/api/0/stream/items/contents", "/reader/api/0/nothing",
		"/api/greader.php/nothing", "/reader/api/0/edit-tag", "/reader/", "/api/greader.php/reader/api/0/stream/items/contents?i=xyz", "/reader/atom/nonsense",
	} {
		if resp := d.request("GET", target, nil); resp.StatusCode < 400 || resp.StatusCode >= 500 {
			t.Errorf("%.80s: %s", target, resp.Status)
		}
	}
	if resp := d.request("GET", "/api/greader.php/", nil); resp.StatusCode != 200 || d.text(resp) != "OK" {
		t.Error(resp.Status)
	}
}

// FuzzHandler: whatever a reader that is logged in sends, to whatever address and in
// whatever form, it is answered or refused, and never with an error of ours.
func FuzzHandler(f *testing.F) {
	d := filled(f)
	token := d.text(d.request("GET", "/reader/api/0/token", nil))
	f.Add("GET", "/reader/api/0/stream/contents/user/-/state/com.google/reading-list?n=2&output=json", "application/x-www-form-urlencoded", "")
	f.Add("POST", "/reader/api/0/edit-tag", "application/x-www-form-urlencoded", "i=1&a=user/-/state/com.google/read&T="+token)
	f.Add("POST", "/reader/api/0/mark-all-as-read", "application/x-www-form-urlencoded", "s=feed/harbour&ts=1772452800000000&T="+token)
	f.Add("POST", "/reader/api/0/stream/items/contents", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"i\"\r\n\r\n1\r\n--x--")
	f.Add("POST", "/reader/api/0/subscription/quickadd", "", "quickadd=https://x.example/;T="+token)
	f.Add("GET", "/reader/atom/feed/%2e%2e?n=-1&c=%ff", "text/xml", "")
	f.Fuzz(func(t *testing.T, method, target, kind, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || strings.Contains(u.Path, "ClientLogin") || !strings.Contains(u.Path, "/reader/") || method == "" || strings.ContainsFunc(method, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return // hashing passwords takes long by intention
		}
		d.log.Reset()
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL, r.RequestURI = method, u, target
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "GoogleLogin auth="+d.auth)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code >= 500 || strings.Contains(d.log.String(), "level=ERROR") {
			t.Fatalf("%d %s\n%s", w.Code, w.Body, &d.log)
		}
	})
}
