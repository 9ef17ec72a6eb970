package demo

import "aggregator/feeds"

// outlet is a sample outlet and the files that are its feeds, by path.
type outlet struct {
	feeds.Outlet
	feeds []feed
}

// feed is one feed of an outlet.
type feed struct {
	path, file, contentType string
	// noETag and noModified leave a validator out, as real servers do.
	noETag, noModified bool
}

const (
	rssType  = "application/rss+xml; charset=UTF-8"
	atomType = "application/atom+xml; charset=utf-8"
	rdfType  = "application/rdf+xml"
	jsonType = "application/feed+json"
	xmlType  = "text/xml; charset=UTF-8"
)

var outlets = []outlet{
	{feeds.Outlet{ID: "thewhistler", Name: "The Whistler", Home: "https://thewhistler.ng/", Language: "en", Category: "africa",
		Aliases: []string{"The Whistler Newspaper"}},
		[]feed{{path: "/feed/", file: "thewhistler.rss", contentType: rssType}}},
	{feeds.Outlet{ID: "dailyrelay", Name: "Daily Relay", Home: "https://dailyrelay.example/", Language: "en", Category: "world"},
		[]feed{{path: "/feed", file: "dailyrelay.rss", contentType: xmlType}}},
	{feeds.Outlet{ID: "naijadigest", Name: "Naija Digest", Home: "https://naijadigest.example/", Language: "en", Category: "africa"},
		[]feed{{path: "/rss.xml", file: "naijadigest.rss", contentType: "application/xml"}}},
	{feeds.Outlet{ID: "levanttribune", Name: "The Levant Tribune", Home: "https://levanttribune.example/", Language: "en", Category: "middle-east"},
		[]feed{{path: "/feed.atom", file: "levanttribune.atom", contentType: atomType}}},
	{feeds.Outlet{ID: "gulfmeridian", Name: "Gulf Meridian", Home: "https://www.gulfmeridian.example/", Language: "en-GB", Category: "middle-east"},
		[]feed{{path: "/feed", file: "gulfmeridian.rss", contentType: rssType}}},
	{feeds.Outlet{ID: "coastalherald", Name: "Coastal Herald", Home: "https://coastalherald.example/", Language: "en-GB", Category: "europe"},
		[]feed{{path: "/feed", file: "coastalherald.rss", contentType: rssType}}},
	{feeds.Outlet{ID: "capitalledger", Name: "Capital Ledger", Home: "https://www.capitalledger.example/", Language: "en", Category: "business"},
		[]feed{
			{path: "/rss/news.xml", file: "capitalledger-news.rss", contentType: xmlType},
			{path: "/rss/markets.xml", file: "capitalledger-markets.rss", contentType: xmlType},
		}},
	{feeds.Outlet{ID: "prairiestandard", Name: "Prairie Standard", Home: "https://prairiestandard.example/", Language: "en-US", Category: "americas"},
		[]feed{{path: "/feed", file: "prairiestandard.rss", contentType: "text/html; charset=utf-8"}}},
	{feeds.Outlet{ID: "ligneclaire", Name: "Ligne Claire", Home: "https://ligneclaire.example/", Language: "fr", Category: "europe"},
		[]feed{{path: "/une.rdf", file: "ligneclaire.rdf", contentType: rdfType, noETag: true}}},
	{feeds.Outlet{ID: "rafidain", Name: "Sawt al-Rafidain", Home: "https://rafidain.example/", Language: "ar", Category: "middle-east",
		Aliases: []string{"صوت الرافدين"}},
		[]feed{{path: "/feed.json", file: "rafidain.json", contentType: jsonType, noModified: true}}},
}
