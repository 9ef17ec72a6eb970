package main

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"aggregator/store"
)

// Users are changed beside the running daemon, over its socket and nowhere else.
func TestUsersBesideTheDaemon(t *testing.T) {
	outlet, m := newOutletServer(t), newManager(t)
	m.follow("0 0 1 1 *", outlet.URL+"/a")
	daemon := m.start()
	m.expect("READY=1")
	users := func(input string, args ...string) string {
		t.Helper()
		cmd := exec.Command("aggregator", append(append([]string{"users"}, args...), "--config", m.config)...)
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	users("correct horse\n", "add", "ada")
	token, _, _ := strings.Cut(users("", "token", "ada", "for tests"), "\n")
	if list := users(""); !strings.Contains(list, "ada") || !strings.Contains(list, "for tests") {
		t.Error(list)
	}
	for _, method := range []string{"GET", "POST"} {
		r, err := http.NewRequest(method, "http://"+m.socket.Addr().String()+usersPath, strings.NewReader(`{"do":"remove","name":"ada"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s over the network: %s", method, resp.Status)
		}
	}
	m.stop(daemon)
	st, err := store.Open(m.dir+"/aggregator.db", store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if user, ok, err := st.TokenUser(token); user != "ada" || !ok || err != nil {
		t.Error("the token that the daemon made is not in its store", err)
	}
}
