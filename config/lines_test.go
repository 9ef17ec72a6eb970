package config

import (
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLineNumbers(t *testing.T) {
	doc := strings.Join([]string{
		`# a comment`,
		`title = "x"`,
		`[poll]`,
		`allow_private = [`,
		`  "10.0.0.0/8", # one`,
		``,
		`  "::1/128",`,
		`]`,
		`"max_body" = """`,
		`two`,
		`lines"""`,
		`[[outlet]]`,
		`poll.floor = "5m"`,
		`[[outlet.feed]]`,
		`url = "a"`,
		`[[outlet.feed]]`,
		`url = "b"`,
		`[[outlet]]`,
		`feed = [`,
		`  { url = "c" },`,
		`  { url = "d", spread = "0" },`,
		`]`,
		`[[outlet.more]]`,
		`x = 1`,
	}, "\r\n")
	got := lineNumbers([]byte(doc))
	for path, want := range map[string]int{
		"title": 2, "poll": 3, "poll.allow_private": 4, "poll.allow_private[0]": 5, "poll.allow_private[1]": 7, "poll.max_body": 9,
		"outlet": 12, "outlet[0]": 12, "outlet[0].poll.floor": 13, "outlet[0].feed": 14, "outlet[0].feed[0]": 14, "outlet[0].feed[0].url": 15,
		"outlet[0].feed[1]": 16, "outlet[0].feed[1].url": 17, "outlet[1]": 18, "outlet[1].feed": 19, "outlet[1].feed[0].url": 20,
		"outlet[1].feed[1].url": 21, "outlet[1].feed[1].spread": 21, "outlet[1].more[0].x": 24,
	} {
		if got[path] != want {
			t.Errorf("%s stands on line %d, not %d", path, want, got[path])
		}
	}
}

// TestProblemsNameTheirLine: a key that does not belong is reported, alone and
// with its line, wherever in the example it is put.
func TestProblemsNameTheirLine(t *testing.T) {
	data, err := os.ReadFile("../aggregator.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
		with := append(append(append([]string{}, lines[:at]...), `qqq = "q"`), lines[at:]...)
		_, err := Parse("f.toml", []byte(strings.Join(with, "\n")))
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Line != at+1 || !strings.HasSuffix(problems[0].Key, "qqq") {
			t.Fatalf("on line %d: %v", at+1, err)
		}
	})
}
