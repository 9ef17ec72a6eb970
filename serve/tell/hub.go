package tell

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	calm = 10 * time.Second // between two looks at the feed: a burst of changes is one notice
	look = 30 * time.Second // without any change: a story may have settled meanwhile
)

// Hub notifies a WebSub hub that the merged feeds changed.
type Hub struct {
	URL    string
	Topics []string // addresses of the feeds
	// Version gives what changes with the feeds' content, their ETag; "" when
	// that cannot be told now.
	Version func() string
	// Changed is that of the store.
	Changed func() (generation uint64, next <-chan struct{})
	Client  *http.Client
	Log     *slog.Logger
}

// Run notifies the hub once at the start, because the last change may not have
// been told, and then after changes, until ctx ends. A notice that fails is
// tried again; changes meanwhile become one with it.
func (h Hub) Run(ctx context.Context) error {
	told, failures := "", 0
	for {
		_, next := h.Changed()
		wait := calm
		if version := h.Version(); version != "" && version != told {
			status, asked, err := h.ping(ctx)
			switch {
			case ctx.Err() != nil:
				return nil
			case err == nil && status/100 == 2:
				told, failures = version, 0
			default:
				failures++
				wait = max(backOff(failures), asked)
				h.Log.Warn("the hub was not told of a change; it is tried again", "hub", h.URL, "status", status, "error", err, "wait", wait.Round(time.Second))
			}
		}
		if !pause(ctx, wait) {
			return nil
		}
		if failures > 0 {
			continue
		}
		idle := time.NewTimer(look)
		select {
		case <-ctx.Done():
		case <-next:
		case <-idle.C:
		}
		idle.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// ping sends one notice for all topics, in the form that hubs have taken since
// PubSubHubbub 0.3 (7.1); WebSub leaves it to hub and publisher.
func (h Hub) ping(ctx context.Context) (status int, wait time.Duration, err error) {
	form := url.Values{"hub.mode": {"publish"}, "hub.url": h.Topics}
	r, err := http.NewRequest(http.MethodPost, h.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(ctx, h.Client, r)
}
