package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// The network around the running daemon changes: it answers nothing, it puts a page to log
// in at in the place of every publisher in each of the ways in which networks do that, a
// publisher moves. `why` says what is believed of it, the log says once that
// nobody is heard, and when it is over no feed has been blamed.
func TestWhySaysWhatTheNetworkDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	var network atomic.Value // what it does: a http.HandlerFunc
	network.Store(http.HandlerFunc(nil))
	const page = "<!DOCTYPE html><html><head><title>Grand Hotel</title></head><body><form>Room number? <input name=room></form></body></html>"
	hotel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, page) }))
	defer hotel.Close()
	var b strings.Builder
	b.WriteString("[store]\npath = \"aggregator.db\"\n[serve]\nlisten = \"127.0.0.1:0\"\n[poll]\nschedule = \"@every 1s\"\nspread = \"1s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nhost_gap = \"0s\"\nallow_private = [\"127.0.0.0/8\"]\n")
	var first string
	for i := range 6 {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if in := network.Load().(http.HandlerFunc); in != nil {
				in(w, r)
				return
			}
			_, _ = fmt.Fprint(w, feedOf(itemOf(fmt.Sprint("i", i), "Ferry timetable changes", "A boat more each day.")))
		}))
		defer s.Close()
		if i == 0 {
			first = s.URL
		}
		fmt.Fprintf(&b, "[[outlet]]\nname = \"Outlet %d\"\nhome = %q\n[[outlet.feed]]\nurl = %q\n", i, s.URL, s.URL+"/feed")
	}
	config := filepath.Join(t.TempDir(), "aggregator.toml")
	writeFileT(t, config, b.String())
	d := startDaemon(t, program(t), config)
	why := func() string {
		out, err := exec.Command(d.Path, "why", "--config", config, first+"/feed").CombinedOutput()
		if err != nil {
			t.Fatalf("why: %v\n%s", err, out)
		}
		return strings.Join(strings.Fields(string(out)), " ") // it is broken into lines for a screen
	}
	says := func(when string, words ...string) {
		t.Helper()
		for _, w := range words {
			eventually(t, when+": why says "+w, func() bool { return strings.Contains(why(), w) })
		}
	}
	says("at home", "nothing new, the same document as before")
	lead := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, hotel.URL+"/login", status) }
	}
	const unheard = "No publisher is heard: the last 5 hosts or more that were asked gave no answer, or a web page in the place of a feed. This machine seems to be offline, or the network wants it to log in. Until one is heard, failures count against no feed."
	for _, c := range []struct {
		name    string
		does    http.HandlerFunc
		besides string
	}{
		{"no answer", func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
				c.Close()
			}
		}, "the server closed the connection without a whole answer"},
		{"led to a log-in", lead(http.StatusFound), "this is a web page, not a feed"},
		{"a log-in everywhere", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, page) }, "this is a web page, not a feed"},
		{"511", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(511) }, "511: the network wants somebody to log in"},
		{"led to a log-in for good", lead(http.StatusMovedPermanently), "redirected to " + strings.TrimPrefix(hotel.URL, "http://") + " within an hour, as a network has them do that wants one to log in. Before "},
	} {
		before := strings.Count(d.log.String(), "no publisher is heard")
		network.Store(c.does)
		says(c.name, unheard, c.besides)
		if n := strings.Count(d.log.String(), "no publisher is heard") - before; n != 1 {
			t.Errorf("%s: the log says %d times that nobody is heard", c.name, n)
		}
		network.Store(http.HandlerFunc(nil))
		eventually(t, c.name+" is over", func() bool {
			_, states := get(t, patient, d.address+"/api/v1/feeds")
			return strings.Count(states, `"failures": 0`) == 6 && !strings.Contains(why(), "No publisher is heard")
		})
	}
	if n := strings.Count(d.log.String(), "publishers are heard again"); n != 5 {
		t.Errorf("the log says %d times that publishers are heard again", n)
	}
	moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, feedOf(itemOf("i0", "Ferry timetable changes", "A boat more each day.")))
	}))
	defer moved.Close()
	at := func(old http.HandlerFunc) http.HandlerFunc {
		host := strings.TrimPrefix(first, "http://")
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Host == host {
				old(w, r)
				return
			}
			_, _ = fmt.Fprint(w, feedOf(itemOf("other", "Ferry timetable changes", "A boat more each day.")))
		}
	}
	network.Store(at(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, moved.URL+"/feed", http.StatusFound) }))
	says("led elsewhere", "Its address redirects to "+moved.URL+"/feed. That is followed each time and not taken for a move")
	network.Store(at(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, moved.URL+"/feed", http.StatusMovedPermanently)
	}))
	says("led elsewhere for good", "Its address redirects to "+moved.URL+"/feed, for good as the server says, and the feed came from there in ",
		"After 5 such polls over 7 days that address is asked itself")
	network.Store(at(http.NotFound))
	says("moved", "It has moved for good and is asked at "+moved.URL+"/feed; write that address into the configuration when you like.")
}
