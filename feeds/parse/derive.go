package parse

import (
	"aggregator/feeds"
	"aggregator/feeds/text"
)

// Derive fills in what follows from the rest of an entry that did not come in a
// feed document (an archive's, for one), as Parse does for one that did: a title
// without markup, the canonical link, the plain text, the stated sources. The
// entry was carried by the outlet o.
func Derive(e *feeds.Entry, o feeds.Outlet) {
	e.Title = text.Line(e.Title)
	cut := complete(e, &Document{}, Input{Outlet: o})
	e.Stated = findStated(e, publication{Title: o.Name, Home: o.Home, Outlet: o}, cut)
}
