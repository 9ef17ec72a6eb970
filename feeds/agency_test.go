package feeds

import "testing"

func TestAgencyMarked(t *testing.T) {
	for mark, want := range map[string]string{
		"AP": "Associated Press", "The Associated Press": "Associated Press", "ap": "",
		"Deutsche Presse-Agentur": "dpa", "Press Trust of India": "PTI",
		"Reuters": "Reuters", "路透社": "Reuters", "Yahoo": "", "Nobody": "",
	} {
		a, ok := AgencyMarked(mark)
		if a.Name != want && ok || ok != (want != "") {
			t.Errorf("AgencyMarked(%q) = %q, %v; want %q", mark, a.Name, ok, want)
		}
	}
}

func TestAgencyAt(t *testing.T) {
	for host, want := range map[string]string{
		"www.reuters.com": "Reuters", "uk.finance.yahoo.com": "Yahoo", "news.google.com": "Google News",
		"google.com": "", "notreuters.com": "", "": "",
	} {
		if a, _ := AgencyAt(host); a.Name != want {
			t.Errorf("AgencyAt(%q) = %q, want %q", host, a.Name, want)
		}
	}
	if a, ok := AgencyNamed("the ASSOCIATED press"); !ok || a.Site() != "https://apnews.com/" {
		t.Errorf("AgencyNamed = %+v, %v", a, ok)
	}
}
