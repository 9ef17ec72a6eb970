package text

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkBlocks reads 2.6 KB of an article's HTML.
func BenchmarkBlocks(b *testing.B) {
	var s strings.Builder
	for i := range 9 {
		fmt.Fprintf(&s, `<p>The council voted %d to %d on Tuesday to close the bridge &#8211; a <a href="https://news.example/topic/%d">decision</a> that engineers had asked for since %d, after the <em>third</em> inspection found cracks in two of its piers &amp; the road deck.</p>`, i+3, i, i, 1990+i)
	}
	b.SetBytes(int64(s.Len()))
	b.ReportAllocs()
	for b.Loop() {
		FromHTML(s.String())
	}
}
