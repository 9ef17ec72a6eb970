package feeds

import "time"

// Settings say how one feed is polled. The configuration gives them for all
// feeds, for an outlet and for a feed; the nearest wins.
type Settings struct {
	// Schedule is a cron expression (five fields, or six with seconds first,
	// "@every 30m", "@hourly", an optional "CRON_TZ=Zone " in front; UTC
	// otherwise). It gives the window in which a poll happens.
	Schedule string
	// Spread is how far behind the schedule's tick a feed's own phase may put
	// its poll; never more than the time to the next tick. 0 polls at the tick.
	Spread time.Duration
	// Floor is the shortest time between two requests for the feed.
	Floor time.Duration

	ConnectTimeout time.Duration // TCP and TLS each
	HeaderTimeout  time.Duration // from the request sent to the answer's headers
	Timeout        time.Duration // the whole request, body included
	MaxBody        int64         // bytes after decompression
	MaxRedirects   int

	HostGap      time.Duration // between two starts to one host
	HostParallel int           // requests in flight to one host

	UserAgent string
	// AllowPrivate are CIDR ranges of private or loopback addresses that may be
	// dialled; all others that are not public are refused.
	AllowPrivate []string
}
