package config

import (
	"aggregator/feeds"
	"aggregator/feeds/poll"
)

// OutletList returns the outlets without their feeds, in the order of the file.
func (c *Config) OutletList() []feeds.Outlet {
	list := make([]feeds.Outlet, len(c.Outlets))
	for i, o := range c.Outlets {
		list[i] = o.Outlet
	}
	return list
}

// Subscriptions returns every feed with its outlet and its settings, in the
// order of the file.
func (c *Config) Subscriptions() []poll.Subscription {
	var subs []poll.Subscription
	for _, o := range c.Outlets {
		for _, f := range o.Feeds {
			subs = append(subs, poll.Subscription{
				Feed: feeds.Feed{URL: f.URL, Outlet: o.ID}, Outlet: o.Outlet, Settings: f.Settings,
			})
		}
	}
	return subs
}
