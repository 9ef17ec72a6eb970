package serve

import "testing"

func TestEncoding(t *testing.T) {
	for accept, want := range map[string]string{
		"":                             "",
		"identity":                     "",
		"gzip":                         "gzip",
		"gzip, deflate, br, zstd":      "zstd",
		"zstd;q=0.5, gzip":             "gzip",
		"GZIP;q=0.5":                   "gzip",
		"gzip;q=0, zstd;q=0":           "",
		"gzip;q=x, *;q=1":              "",
		"zstd ; q=0.9 , gzip ; q= 0.9": "zstd",
	} {
		if got := encoding(accept); got != want {
			t.Errorf("%q: got %q, want %q", accept, got, want)
		}
	}
}
