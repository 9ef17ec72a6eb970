package parse

import (
	"bytes"
	"compress/gzip"
	"testing"

	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
)

// Text in its encoding is read whether the encoding is declared in the
// document, by HTTP, or by nobody.
func TestEncodings(t *testing.T) {
	for name, text := range map[string]string{
		"shift_jis":    "日本の首相は火曜日に記者会見を開き、新しい経済政策について説明した。これはテストの文章です。",
		"euc-jp":       "日本の首相は火曜日に記者会見を開き、新しい経済政策について説明した。これはテストの文章です。",
		"gb18030":      "中国政府星期二宣布了一项新的经济计划，以促进农村地区的发展。这是一个用来测试的句子。",
		"big5":         "政府星期二宣布了一項新的經濟計畫，以促進農村地區的發展。這是一個用來測試的句子。",
		"euc-kr":       "정부는 화요일에 새로운 경제 계획을 발표했다. 이것은 시험을 위한 문장이다.",
		"windows-1251": "Правительство во вторник объявило о новом экономическом плане развития сельских районов страны.",
		"koi8-r":       "Правительство во вторник объявило о новом экономическом плане развития сельских районов страны.",
		"windows-1252": "Le gouvernement a annoncé mardi un nouveau plan économique pour développer les régions défavorisées.",
		"utf-16":       "Le gouvernement a annoncé — мир — 中国",
		"utf-8":        "Le gouvernement a annoncé — мир — 中国",
	} {
		for _, how := range []string{"declared", "by HTTP", "by HTTP, wrongly declared", "unlabelled"} {
			head, contentType := "<?xml version=\"1.0\"?>", ""
			switch how {
			case "declared":
				head = `<?xml version="1.0" encoding="` + name + `"?>`
			case "by HTTP":
				contentType = "application/rss+xml; charset=" + name
			case "by HTTP, wrongly declared":
				head, contentType = `<?xml version="1.0" encoding="utf-8"?>`, "text/xml; charset=\""+name+"\""
			}
			doc := head + rssAround("<item><title>"+text+"</title></item>")
			var body []byte
			if name == "utf-16" {
				body = []byte(utf16le(doc))
			} else {
				enc, _ := charset.Lookup(name)
				b, err := enc.NewEncoder().String(doc)
				if err != nil {
					t.Fatal(err)
				}
				body = []byte(b)
			}
			d := Parse(Input{Body: body, ContentType: contentType})
			if len(d.Items) != 1 || d.Items[0].Entry.Title != text {
				t.Errorf("%s, %s: %+v %s", name, how, d.Items[0].Entry.Title, d.Problem)
			}
		}
	}
}

func TestGzipBody(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(rssAround(goodItem)))
	_ = z.Close()
	if d := Parse(Input{Body: b.Bytes()}); len(d.Items) != 1 || d.Items[0].Entry.Title != "Good" {
		t.Errorf("%+v", d)
	}
}

func TestEncodedTwice(t *testing.T) {
	doc := rssAround("<item><title>FrÃ¼her in MÃ¼nchen â€“ schÃ¶n</title></item>")
	if d := Parse(Input{Body: []byte(doc)}); d.Items[0].Entry.Title != "Früher in München – schön" || d.Status != Damaged {
		t.Errorf("%s %q", d.Status, d.Items[0].Entry.Title)
	}
	doc = rssAround("<item><title>FrÃ¼her in MÃ¼nchen â€“ schÃ¶n, é</title></item>")
	if d := Parse(Input{Body: []byte(doc)}); d.Items[0].Entry.Title != "FrÃ¼her in MÃ¼nchen â€“ schÃ¶n, é" {
		t.Errorf("%q", d.Items[0].Entry.Title)
	}
}

// Of two encodings that the detector thinks equally likely it is the same one each
// time, or a poll would find every item changed.
func TestEncodingIsSettled(t *testing.T) {
	sample := []byte("\xee \xcc\x8ai \xfei ")
	if all, err := chardet.NewTextDetector().DetectAll(sample); err != nil || all[0].Confidence != all[1].Confidence {
		t.Fatalf("%+v, %v: the first two are not equal", all, err)
	}
	for range 100 {
		if r, ok := likeliest(sample); !ok || r.Charset != "windows-1252" {
			t.Fatalf("%+v", r)
		}
	}
}
