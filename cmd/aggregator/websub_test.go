package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"aggregator/store"
)

// pushHub is a publisher with one feed, and its hub, which verifies at once.
type pushHub struct {
	*httptest.Server
	mu                sync.Mutex
	polls, subscribed int
	callback, secret  string
	ended             int // subscriptions whose end was asked for and confirmed
}

func newPushHub(t *testing.T) *pushHub {
	h := &pushHub{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			h.mu.Lock()
			h.polls++
			h.mu.Unlock()
			io.WriteString(w, h.document("first"))
			return
		}
		r.ParseForm()
		w.WriteHeader(http.StatusAccepted)
		callback, topic, mode := r.PostForm.Get("hub.callback"), r.PostForm.Get("hub.topic"), r.PostForm.Get("hub.mode")
		go func() {
			res, err := http.Get(callback + "?" + url.Values{"hub.mode": {mode}, "hub.topic": {topic}, "hub.challenge": {"echo"}, "hub.lease_seconds": {"864000"}}.Encode())
			if err != nil {
				return
			}
			defer res.Body.Close()
			if said, _ := io.ReadAll(res.Body); string(said) == "echo" {
				h.mu.Lock()
				defer h.mu.Unlock()
				if mode == "unsubscribe" {
					h.ended++
					return
				}
				h.callback, h.secret = callback, r.PostForm.Get("hub.secret")
				h.subscribed++
			}
		}()
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *pushHub) document(article string) string {
	return fmt.Sprintf(`<feed xmlns="http://www.w3.org/2005/Atom"><title>Pushed</title><id>x</id><link rel="hub" href="%[1]s/hub"/><link rel="self" href="%[1]s/feed"/>`+
		`<entry><id>%[2]s</id><title>The %[2]s ferry arrives in Lagos</title><link href="%[1]s/%[2]s"/><updated>2026-03-02T10:00:00Z</updated></entry></feed>`, h.URL, article)
}

func (h *pushHub) push(t *testing.T, article string) int {
	t.Helper()
	body := h.document(article)
	mac := hmac.New(sha256.New, []byte(h.secret))
	io.WriteString(mac, body)
	req, err := http.NewRequest(http.MethodPost, h.callback, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestPoliteness44PushedToTheRunningProgram(t *testing.T) {
	hub, m := newPushHub(t), newManager(t)
	configure := func(callback string) {
		m.follow("@every 1h", hub.URL+"/feed")
		if callback != "" {
			m.write(fmt.Sprintf("[store]\npath = \"aggregator.db\"\n[websub]\ncallback = %q\n[poll]\nschedule = \"@every 1h\"\nspread = \"0s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nhost_gap = \"0s\"\nallow_private = [\"127.0.0.0/8\"]\n"+
				"[[outlet]]\nname = \"Pushed\"\nhome = \"https://pushed.example/\"\n[[outlet.feed]]\nurl = %q\n", callback, hub.URL+"/feed"))
		}
	}
	has := func(what string) bool { _, body := m.get("/api/v1/stories"); return strings.Contains(body, what) }
	state := func() string {
		_, list := m.get("/api/v1/feeds")
		_, id, _ := strings.Cut(list, `"id":`)
		id = strings.Trim(strings.SplitN(id, ",", 2)[0], ` "`)
		_, body := m.get("/api/v1/feeds/" + id)
		return body
	}
	// Without a callback none of it runs.
	configure("")
	cmd := m.start()
	m.expect("READY=1")
	eventually(t, "the first poll", func() bool { return has("first ferry") })
	if s := state(); hub.subscribed != 0 || !strings.Contains(s, "has not been asked") {
		t.Errorf("a hub was asked without a callback:\n%s", s)
	}
	if code, _ := m.get("/websub/x"); code != 404 {
		t.Errorf("a callback without subscriptions answers %d", code)
	}
	m.stop(cmd)

	configure("http://" + m.socket.Addr().String())
	cmd = m.start()
	m.expect("READY=1")
	eventually(t, "the subscription", func() bool { hub.mu.Lock(); defer hub.mu.Unlock(); return hub.subscribed == 1 })
	eventually(t, "why says so", func() bool { return strings.Contains(state(), "pushes what is new") })
	if code := hub.push(t, "second"); code != 202 {
		t.Errorf("a push was answered %d", code)
	}
	eventually(t, "the push", func() bool { return has("second ferry") })
	m.stop(cmd)
	cmd = m.start()
	m.expect("READY=1")
	if code := hub.push(t, "third"); code != 202 {
		t.Errorf("a push after a restart was answered %d", code)
	}
	eventually(t, "the push after a restart", func() bool { return has("third ferry") })
	s := state()
	token := hub.callback[strings.LastIndex(hub.callback, "/")+1:]
	if strings.Contains(s, token) || strings.Contains(s, hub.secret) || strings.Contains(m.log.String(), hub.secret) || strings.Contains(m.log.String(), token) {
		t.Errorf("a secret is shown:\n%s\n%s", s, m.log)
	}
	if hub.subscribed != 1 {
		t.Errorf("%d subscriptions", hub.subscribed)
	}
	m.stop(cmd)
}

// A feed that is taken out of the configuration is unsubscribed from its hub, once.
func TestPoliteness43ARemovedFeedIsUnsubscribed(t *testing.T) {
	hub, outlet, m := newPushHub(t), newOutletServer(t), newManager(t)
	configure := func(feed string) {
		m.write(fmt.Sprintf("[store]\npath = \"aggregator.db\"\n[websub]\ncallback = %q\n[poll]\nschedule = \"@every 1h\"\nspread = \"0s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nhost_gap = \"0s\"\nallow_private = [\"127.0.0.0/8\"]\n"+
			"[[outlet]]\nname = \"Pushed\"\nhome = \"https://pushed.example/\"\n[[outlet.feed]]\nurl = %q\n", "http://"+m.socket.Addr().String(), feed))
	}
	count := func(n *int) int { hub.mu.Lock(); defer hub.mu.Unlock(); return *n }
	configure(hub.URL + "/feed")
	cmd := m.start()
	m.expect("READY=1")
	eventually(t, "the subscription", func() bool { return count(&hub.subscribed) == 1 })
	if code := hub.push(t, "second"); code != 202 {
		t.Errorf("a push was answered %d", code)
	}
	configure(outlet.URL + "/a")
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end of the subscription, asked for and confirmed", func() bool { return count(&hub.ended) == 1 })
	if code := hub.push(t, "third"); code != 410 {
		t.Errorf("a push after the end was answered %d", code)
	}
	m.stop(cmd)
	st, err := store.Open(filepath.Join(m.dir, "aggregator.db"), store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if s, err := st.State(hub.URL + "/feed"); err != nil || s.WebSub != nil || s.Entries == 0 {
		t.Errorf("what is kept of it: %+v %v", s, err)
	}
}
