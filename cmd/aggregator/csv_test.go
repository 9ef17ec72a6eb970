package main

import (
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever publishers write, the table reads back with its cells in place, and
// none of them is a formula.
func TestCSVReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[=+\-@]?[a-zé,";\n 0-9]{0,12}`)
		a := duplicatesAnswer{Duplicates: []duplicate{{Story: 7, Headline: text.Draw(t, "headline"),
			OwnWords: []carried{{Title: text.Draw(t, "title")}}, Copies: []carried{{Title: text.Draw(t, "copy"), PerMille: 40}}}}}
		var b strings.Builder
		if err := writeDuplicatesCSV(&b, &a); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if got := strings.TrimPrefix(rows[1][1], "'"); got != a.Duplicates[0].Headline || rows[1][13] != "" || rows[2][13] != "40" {
			t.Fatalf("%q of %+v", rows, a)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Fatalf("%q is a formula", cell)
				}
			}
		}
	})
}
