package parse

import "strings"

// trackers are the parameters that say how a reader came to a page, never
// which page it is. Each has stood on real links to one and the same article.
var trackers = map[string]bool{
	// Google, Microsoft, Meta, Twitter, Yandex, TikTok, LinkedIn, Pinterest, Snapchat: click identifiers
	"gclid": true, "gclsrc": true, "dclid": true, "gbraid": true, "wbraid": true, "msclkid": true, "fbclid": true,
	"twclid": true, "yclid": true, "ysclid": true, "ttclid": true, "li_fat_id": true, "epik": true, "sccid": true,
	"igshid": true, "igsh": true, "_openstat": true, "srsltid": true, "gad_source": true, "gad_campaignid": true,
	// Google Analytics' own
	"_ga": true, "_gl": true, "_gac": true,
	// mail: Mailchimp, HubSpot, Marketo, Vero, Drip, Klaviyo, Iterable, Omeda
	"mc_cid": true, "mc_eid": true, "_hsenc": true, "_hsmi": true, "__hssc": true, "__hstc": true, "__hsfp": true, "hsctatracking": true,
	"mkt_tok": true, "vero_id": true, "vero_conv": true, "__s": true, "_kx": true, "oly_anon_id": true, "oly_enc_id": true,
	// publishers' own: where the link stood
	"ncid": true, "cmpid": true, "icid": true, "smid": true, "partner": true, "ocid": true, "cmp": true, "ito": true,
	"xtor": true, "at_medium": true, "at_campaign": true, "at_custom1": true, "at_custom2": true, "at_custom3": true, "at_custom4": true,
	"ns_mchannel": true, "ns_source": true, "ns_campaign": true, "ns_linkname": true, "ns_fee": true,
	"wt.mc_id": true, "wt_mc": true, "wtmc": true, "s_cid": true, "mbid": true, "sr_share": true, "soc_src": true, "soc_trk": true,
	"guccounter": true, "guce_referrer": true, "guce_referrer_sig": true, "traffic_source": true,
	"ftag": true, "fsrc": true, "feedtype": true, "feedname": true, "rssfeed": true, "from_rss": true,
	"maca": true, "yptr": true, "ex_cid": true, "mwrsm": true, "postshare": true, "gift": true, "addata": true, "smtyp": true,
	"ref_src": true, "ref_url": true, "share_id": true, "shareid": true, "sharetype": true, "wpisrc": true, "wpmm": true,
	"tblci": true, "taid": true, "spm": true, "scm": true, "trk": true, "trkcampaign": true, "sc_src": true, "sc_lid": true, "sc_uid": true, "sc_llid": true, "sc_eh": true,
	// Piwik and Matomo
	"pk_campaign": true, "pk_kwd": true, "pk_source": true, "pk_medium": true, "pk_content": true, "pk_cid": true, "piwik_campaign": true, "piwik_kwd": true,
	"mtm_campaign": true, "mtm_keyword": true, "mtm_source": true, "mtm_medium": true, "mtm_content": true, "mtm_cid": true, "mtm_group": true, "mtm_placement": true,
	// AMP: the same article in another dress
	"amp": true, "amp_js_v": true, "amp_gsa": true, "usqp": true, "outputtype": true,
}

// valued are parameters that only say where the link stood when they hold one
// of these values; with another they may choose the page. A "*" stands for
// any end.
var valued = map[string][]string{
	"_location": {"rss"},
	"mod":       {"rss*", "mw_*", "wsj*", "hp_*", "home-page*", "searchresults*", "djem*", "e2*"},
	"siteid":    {"yhoo*", "rss*", "nwh*"},
	"emc":       {"rss", "edit_*"},
	"_r":        {"0", "1", "2"},
	"oc":        {"5"},
	"af":        {"r"},
	"feature":   {"youtu.be", "youtube_gdata*", "share*", "emb_*", "player_embedded"},
	"smprod":    {"nytcore*"},
	"ref":       {"rss", "feed", "twitter", "facebook", "newsletter", "home", "hp", "nl", "share"},
	"source":    {"rss", "feed", "twitter", "facebook", "newsletter", "email", "social", "syndication", "rss-*", "rss_*"},
	"src":       {"rss", "feed", "twitter", "facebook", "newsletter"},
	"from":      {"rss", "feed", "twitter", "facebook", "newsletter"},
	"via":       {"rss", "feed", "twitter", "facebook"},
	"rss":       {"", "1", "true", "yes"},
	"feed":      {"rss"},
	"format":    {"amp"},
	"platform":  {"amp"},
	"output":    {"amp", "1"},
	"sf":        {"rss"},
	"campaign":  {"rss", "feed"},
}

// tracking reports whether a parameter (its name in lower case) only tracks.
func tracking(name, value string) bool {
	if trackers[name] || strings.HasPrefix(name, "utm_") || strings.HasPrefix(name, "utm-") ||
		strings.HasPrefix(name, "hsa_") || strings.HasPrefix(name, "_bta_") || strings.HasPrefix(name, "at_") {
		return true
	}
	for _, v := range valued[name] {
		if start, open := strings.CutSuffix(v, "*"); open {
			if len(value) >= len(start) && strings.EqualFold(value[:len(start)], start) {
				return true
			}
		} else if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}
