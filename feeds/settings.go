package feeds

import "time"

// Settings say how one feed is polled. The configuration gives them for all
// feeds, for an outlet and for a feed; the nearest wins. DefaultSettings holds
// what a polite poller starts from; a zero HostGap, Floor, FullFloor or Spread
// means none, which suits tests and loopback demonstrations only.
type Settings struct {
	// Schedule is a cron expression (five fields, or six with seconds first,
	// "@every 30m", "@hourly", an optional "CRON_TZ=Zone " in front; UTC
	// otherwise). It gives the window in which a poll happens. "adaptive" learns
	// the interval, between Floor and Ceiling, from what the feed brings.
	Schedule string
	// Spread is how far behind the schedule's tick a feed's own phase may put
	// its poll; never more than the time to the next tick. 0 polls at the tick.
	Spread time.Duration
	// Floor is the shortest time between two requests for the feed.
	Floor time.Duration
	// FullFloor is the shortest time between two requests when the server gives
	// no working validators, so that each request moves the whole document, and
	// neither ttl nor max-age allows more. Set it to Floor for a feed whose
	// operator wrote a schedule for that very feed.
	FullFloor time.Duration
	// Ceiling is the longest interval of an adaptive schedule; 0 means 24 h.
	Ceiling time.Duration
	// MaxFresh caps what a publisher's max-age, Expires, ttl or sy:updatePeriod
	// may ask for; 0 means 24 h. Retry-After has its own cap of 30 days.
	MaxFresh time.Duration

	ConnectTimeout time.Duration // TCP and TLS each; 0 means 10 s
	HeaderTimeout  time.Duration // from the request sent to the answer's headers; 0 means 30 s
	Timeout        time.Duration // the whole request, body included; 0 means 60 s
	MaxBody        int64         // bytes, on the wire and after decompression; 0 means 16 MiB
	MaxRedirects   int           // 0 means 5, a negative number none

	HostGap      time.Duration // between two starts to one host
	HostParallel int           // requests in flight to one host; 0 means 1
	// SharedHost marks a host that serves unrelated publishers (a bridge, a
	// feed-burning service): its 429 pauses the feed, not the host.
	SharedHost bool

	// UserAgent is the whole User-Agent field; empty means the program's own.
	UserAgent string
	// Validators says which stored validators are sent: "" both, "etag" or
	// "last-modified" only that one, for servers that mishandle the other.
	Validators string
	// Header are extra fields of each request, an Authorization or an API key for
	// instance. They go to the feed's own origin (scheme, host and port) and
	// nowhere else, and are never logged.
	Header map[string]string
	// Proxy is the URL of an HTTP or SOCKS5 proxy; empty means none, whatever the
	// environment says. The proxy resolves names and dials, so the rule about
	// addresses that are not public then holds for the proxy's own address only.
	Proxy string
	// OptOut are hosts that asked to be left alone: neither they nor their
	// subdomains are ever asked, by a redirect either.
	OptOut []string
	// AllowPrivate are CIDR ranges of private or loopback addresses that may be
	// dialled; all others that are not public are refused.
	AllowPrivate []string
}

// DefaultSettings is what a feed is polled with when nobody says otherwise:
// every 30 minutes at its own moment, hourly when the server offers no working
// validators, never two requests within five minutes, one request at a time to a
// host and five seconds between two.
func DefaultSettings() Settings {
	return Settings{
		Schedule:       "*/30 * * * *",
		Spread:         30 * time.Minute,
		Floor:          5 * time.Minute,
		FullFloor:      time.Hour,
		Ceiling:        24 * time.Hour,
		MaxFresh:       24 * time.Hour,
		ConnectTimeout: 10 * time.Second,
		HeaderTimeout:  30 * time.Second,
		Timeout:        time.Minute,
		MaxBody:        16 << 20,
		MaxRedirects:   5,
		HostGap:        5 * time.Second,
		HostParallel:   1,
	}
}
