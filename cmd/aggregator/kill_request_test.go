package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
)

// A request that is under way at a kill -9 counts: the program that starts again
// does not make it earlier than its schedule says, nor does `aggregator poll`.
func TestPoliteness13ARequestUnderWayAtAKillIsRemembered(t *testing.T) {
	asked, over := make(chan struct{}, 10), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	defer silent.Close()
	defer close(over)
	outlet, m := newOutletServer(t), newManager(t)
	m.write(fmt.Sprintf(`[store]
path = "aggregator.db"
[poll]
schedule = "@every 1s"
spread = "0s"
floor = "1s"
full_floor = "1s"
host_gap = "0s"
allow_private = ["127.0.0.0/8"]
[[outlet]]
name = "Quick"
home = "https://quick.example/"
[[outlet.feed]]
url = %q
[[outlet]]
name = "Silent"
home = "https://silent.example/"
[[outlet.feed]]
url = %q
schedule = "@every 8760h"
floor = "10m"
`, outlet.URL+"/quick", silent.URL+"/feed"))
	cmd := m.start()
	<-asked
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for range 2 { // killed again before it asks
		cmd = m.start()
		m.expect("READY=1")
		outlet.wait(t, "/quick") // what is due is asked
		outlet.wait(t, "/quick")
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	cmd = m.start()
	m.expect("READY=1")
	_, list := m.get("/api/v1/feeds")
	var all feedsAnswer
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		t.Fatal(err)
	}
	for _, f := range all.Feeds {
		if !strings.HasPrefix(f.URL, silent.URL) {
			continue
		}
		_, said := m.get("/api/v1/feeds/" + f.ID)
		if f.LastRequest == nil || f.NextDue == nil || f.NextDue.Sub(*f.LastRequest).Minutes() < 10 || !strings.Contains(said, "the program was ended before the answer was kept") {
			t.Errorf("what the operator sees:\n%s", said)
		}
	}
	m.stop(cmd)
	if out, err := exec.Command("aggregator", "poll", "--config", m.config).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if n := len(asked); n != 0 {
		t.Errorf("asked %d times more after the kill", n)
	}
}
