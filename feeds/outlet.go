package feeds

// Outlet is a publisher: it owns one or more feeds and sites.
type Outlet struct {
	// ID is the outlet's short name in addresses, files and commands: lower-case
	// ASCII letters, digits and '-', unique in a configuration, never changed.
	ID string
	// Name is what people call it: "The Whistler".
	Name string
	// Home is the absolute URL of its home page.
	Home string
	// Language is a BCP 47 tag ("en", "pt-BR") that holds for entries whose
	// feed does not say; empty when unknown.
	Language string
	// Category is the operator's own word for it ("africa", "business"); may be empty.
	Category string
	// Aliases are other names under which it is credited ("The Whistler
	// Newspaper"), and other hosts that it owns.
	Aliases []string
}

// Feed is one polled URL of one outlet.
type Feed struct {
	// URL is absolute, http or https, without a fragment. It is the feed's key.
	URL string
	// Outlet is the ID of the outlet that owns it.
	Outlet string
	// Title is what the feed calls itself; empty before the first poll.
	Title string
}
