package parse

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDate(t *testing.T) {
	const nothing = ""
	for _, c := range []struct{ in, want string }{
		// RFC 822 and what becomes of it
		{"Tue, 05 Mar 2024 14:30:00 GMT", "2024-03-05T14:30:00Z"},
		{"Tue, 5 Mar 2024 14:30:00 +0100", "2024-03-05T13:30:00Z"},
		{"Tue, 05 Mar 24 14:30 EST", "2024-03-05T19:30:00Z"},
		{"5 Mar 99 14:30:00 Z", "1999-03-05T14:30:00Z"},
		{"Tuesday, 05-Mar-24 14:30:00 UTC", "2024-03-05T14:30:00Z"},
		{"Tue, 05 March, 2024 14:30:00 -0230", "2024-03-05T17:00:00Z"},
		{"Tue,05 Mar 2024 14:30:00 +01:00", "2024-03-05T13:30:00Z"},
		{"Tue Mar  5 14:30:00 2024", "2024-03-05T14:30:00Z"},
		{"Tue Mar 05 14:30:00 +0000 2024", "2024-03-05T14:30:00Z"},
		{"Tue Mar 05 2024 14:30:00 GMT+0100 (Central European Time)", "2024-03-05T13:30:00Z"},
		{"Mar 5, 2024 2:30 PM", "2024-03-05T14:30:00Z"},
		{"March 5th, 2024 12:05 am", "2024-03-05T00:05:00Z"},
		{"2:30 p.m. on March 5, 2024", "2024-03-05T14:30:00Z"},
		{"Tue, 05 Mar 2024 14:30:00 IST", "2024-03-05T09:00:00Z"},
		{"Tue, 05 Mar 2024 14:30:00 WAT", "2024-03-05T13:30:00Z"},
		{"Tue, 05 Mar 2024 14:30:00 JST", "2024-03-05T05:30:00Z"},
		{"Tue, 05 Mar 2024 14:30:00 XYZ", nothing},
		{"Tue, 05 Mar 2024 14:30:00 A", nothing},
		{"Tue, 05 Mar 2024", "2024-03-05T00:00:00Z"},
		{"Tue, 05 Mar 2024 24:00:00 GMT", "2024-03-06T00:00:00Z"},
		{"Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59Z"},
		{"Tue, 05 Mar 2024 14:30:00 EST -0500", "2024-03-05T19:30:00Z"},
		{"Tue Mar 5 14:30:00 2024 PST", "2024-03-05T22:30:00Z"},
		// ISO 8601
		{"2024-03-05T14:30:00Z", "2024-03-05T14:30:00Z"},
		{"2024-03-05T14:30:00.250+01:00", "2024-03-05T13:30:00.25Z"},
		{"2024-03-05 14:30:00", "2024-03-05T14:30:00Z"},
		{"2024-03-05 14:30:00.0 +0100", "2024-03-05T13:30:00Z"},
		{"2024-03-05T14:30+0100", "2024-03-05T13:30:00Z"},
		{"2024-3-5", "2024-03-05T00:00:00Z"},
		{"2024-03-05+02:00", "2024-03-04T22:00:00Z"},
		{"2024-03", "2024-03-01T00:00:00Z"},
		{"20240305", "2024-03-05T00:00:00Z"},
		{"20240305T143000Z", "2024-03-05T14:30:00Z"},
		{"20240305143000", "2024-03-05T14:30:00Z"},
		{"2024-065", "2024-03-05T00:00:00Z"},
		{"2024-W10-2", "2024-03-05T00:00:00Z"},
		{"2024-W10", "2024-03-04T00:00:00Z"},
		{"2024/03/05 14:30:00 EDT", "2024-03-05T18:30:00Z"},
		{"1709649000", "2024-03-05T14:30:00Z"},
		{"1709649000123", "2024-03-05T14:30:00.123Z"},
		// other languages
		{"mar, 05 mar 2024 14:30:00 +0100", "2024-03-05T13:30:00Z"},
		{"mardi 5 mars 2024 14:30:00 +0100", "2024-03-05T13:30:00Z"},
		{"Di, 05 Mär 2024 14:30:00 +0100", "2024-03-05T13:30:00Z"},
		{"5. März 2024, 14:30 Uhr", "2024-03-05T14:30:00Z"},
		{"Ter, 05 Fev 2024 14:30:00 -0300", "2024-02-05T17:30:00Z"},
		{"5 de marzo de 2024", "2024-03-05T00:00:00Z"},
		{"Вт, 05 мар 2024 14:30:00 +0300", "2024-03-05T11:30:00Z"},
		{"5 марта 2024 г.", "2024-03-05T00:00:00Z"},
		{"Τρί, 05 Μάρ 2024 14:30:00 EET", "2024-03-05T12:30:00Z"},
		{"2024년 03월 05일 14:30:00", "2024-03-05T05:30:00Z"},
		{"2024年3月5日 14:30:00 +0900", "2024-03-05T05:30:00Z"},
		{"05.03.2024 14:30", "2024-03-05T14:30:00Z"},
		{"الثلاثاء, 05 مارس 2024 14:30:00 +0200", "2024-03-05T12:30:00Z"},
		{"٠٥ مارس ٢٠٢٤", "2024-03-05T00:00:00Z"},
		// never a guess
		{"03/05/2024", nothing}, {"03-05-24", nothing}, {"25/03/2024 10:00", "2024-03-25T10:00:00Z"}, {"3/25/2024 10:00", "2024-03-25T10:00:00Z"},
		{"3/5/2024 2:30 PM", "2024-03-05T14:30:00Z"},
		{"Thu, 31 Jun 2024 10:00:00 GMT", nothing}, {"2023-02-29", nothing}, {"2024-03-05T25:00:00Z", nothing},
		{"Mon, 01 Jan 0001 00:00:00 +0000", nothing}, {"0000-00-00 00:00:00", nothing}, {"3020-01-01", nothing}, {"Tue, 05 Mar 2024 14:30:00 +9900", nothing},
		{"yesterday", nothing}, {"", nothing}, {"now", nothing}, {"12", nothing}, {"Tue, 05 Foo 2024 14:30:00 GMT", nothing}, {"3 days ago", nothing},
	} {
		got, ok := Date(c.in)
		if c.want == nothing {
			if ok {
				t.Errorf("Date(%q) = %v, want nothing", c.in, got)
			}
			continue
		}
		want, err := time.Parse(time.RFC3339Nano, c.want)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("Date(%q) = %v, %v, want %v", c.in, got, ok, want)
		}
	}
}

// Every month of every language is read alike.
func TestDateMonths(t *testing.T) {
	for name, month := range monthNames {
		got, ok := Date("17 " + name + " 2021 10:00:00 GMT")
		if want := time.Date(2021, time.Month(month), 17, 10, 0, 0, 0, time.UTC); !ok || !got.Equal(want) {
			t.Errorf("%s: %v %v, want %v", name, got, ok, want)
		}
	}
}

// What Go writes in the layouts of feeds is read back.
func TestDateLayouts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 60*15*rapid.IntRange(-48, 56).Draw(t, "quarters"))
		when := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "unix"), 0).In(zone)
		for _, l := range []string{time.RFC3339, time.RFC1123Z, time.RFC822Z, "Mon, 2 Jan 2006 15:04:05 -0700", "2 January 2006 15:04:05 -07:00",
			"Mon Jan 2 15:04:05 -0700 2006", "2006-01-02 15:04:05 -0700", "20060102T150405-0700"} {
			want := when
			if l == time.RFC822Z {
				want = when.Truncate(time.Minute)
				if when.Year() < 1970 || when.Year() > 2049 {
					continue
				}
			}
			got, ok := Date(want.Format(l))
			if !ok || !got.Equal(want) {
				t.Fatalf("Date(%q) = %v, %v", want.Format(l), got, ok)
			}
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Tue, 05 Mar 2024 14:30:00 GMT", "2024-03-05T14:30:00Z", "2024년 03월 05일 오후 2:30:00", "1709649000", "5. März 2024", "24:00", "::", "t", "2024-w1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Date(s)
		if ok != !got.IsZero() {
			t.Errorf("%q: %v %v", s, got, ok)
		}
		if ok && (got.Year() < firstYear-1 || got.Year() > lastYear+1 || got.Location() != time.UTC) {
			t.Errorf("%q gives %v", s, got)
		}
	})
}
