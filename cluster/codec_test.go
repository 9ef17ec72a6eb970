package cluster

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aggregator/feeds"
)

// Whatever comes as a message is a poll or an error, within its bounds; what is read
// is written and read again as the same.
func FuzzUnpack(f *testing.F) {
	good, err := pack(&feeds.Poll{Feed: "https://h.example/", Outlet: "h", At: time.Unix(1e9, 0).UTC(), Outcome: feeds.Changed,
		Items: []feeds.Item{{Raw: 7, Entry: &feeds.Entry{Title: "T", Link: "https://h.example/1"}}}})
	if err != nil {
		f.Fatal(err)
	}
	plain, err := unpacker.DecodeAll(good, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add([]byte{0xa1, 0x64, 'F', 'e', 'e', 'd', 0x61, 'x'})
	f.Add([]byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = unpack(data[:min(len(data), 64)], new(feeds.Poll)) // hardly ever a frame
		data = packer.EncodeAll(data, nil)
		var p, again feeds.Poll
		if unpack(data, &p) != nil {
			return
		}
		b, err := pack(&p)
		if err != nil {
			return // a time that no message can hold
		}
		if err := unpack(b, &again); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(p, again); d != "" {
			t.Fatal(d)
		}
	})
}
