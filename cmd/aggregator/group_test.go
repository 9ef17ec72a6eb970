package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// FuzzGroup: whatever lines come, all are placed, each once and in their order, or the line
// that is wrong is named and nothing is written.
func FuzzGroup(f *testing.F) {
	f.Add(`{"id":1,"outlet":"a","url":"https://a.example/1","title":"Ferry sails","content":"<p>The first boat left at six.</p>","published":"2026-03-01T12:00:00Z","seen_after":null}` + "\n" +
		`{"id":"x","outlet":"b","url":"https://b.example/1","title":"Ferry sails","content":"The first boat left at six. (A)","first_seen":"Sun, 1 Mar 2026 12:30 GMT"}`)
	f.Add("\ufeff{}\n\n[]")
	f.Add(`{"id":{"a":[1,2]},"outlet":"","url":"//x","title":"\ud800","published":"9999999-01-01"}`)
	f.Add(`{"outlet":"a","outlet":"b","first_seen":"0001-01-01T00:00:00Z","seen_after":"2999-01-01T00:00:00Z"}`)
	f.Fuzz(func(t *testing.T, in string) {
		if len(in) > 1<<14 {
			return
		}
		var out bytes.Buffer
		if err := group(strings.NewReader(in), &out, "in", 7*24*time.Hour); err != nil {
			if out.Len() > 0 || !strings.Contains(err.Error(), "in, line ") {
				t.Errorf("%v, with %q written", err, &out)
			}
			return
		}
		want := 0
		for line := range strings.Lines(in) {
			if strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")) != "" {
				want++
			}
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if out.Len() == 0 {
			lines = nil
		}
		if len(lines) != want {
			t.Fatalf("%d lines for %d entries", len(lines), want)
		}
		for i, line := range lines {
			var o groupOut
			if err := json.Unmarshal([]byte(line), &o); err != nil || o.Story == 0 {
				t.Errorf("line %d: %v %s", i+1, err, line)
			}
		}
	})
}
