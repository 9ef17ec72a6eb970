package serve

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const (
	maxStreams = 2000             // event streams open at a time
	heartbeat  = 25 * time.Second // between two signs of life; proxies give up after 60
	writeLimit = 10 * time.Second // for one event; a client that is slower is let go
)

// events tells clients that stories changed (server-sent events): "changed"
// with the generation. Clients then ask for what they show; that answer is made
// once for all of them. Bursts of changes become one event.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	if s.streams.Add(1) > maxStreams {
		s.streams.Add(-1)
		s.writeProblem(w, r, problem{Status: http.StatusServiceUnavailable, Detail: "too many event streams are open; poll the feed instead"})
		return
	}
	defer s.streams.Add(-1)
	h := w.Header()
	secure(h)
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return
	}
	control := http.NewResponseController(w)
	send := func(format string, a ...any) bool {
		// Not every writer has deadlines (tests); those that have are held to it.
		_ = control.SetWriteDeadline(s.Now().Add(writeLimit))
		if _, err := fmt.Fprintf(w, format, a...); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	generation, next := s.source.Changed()
	if !send("retry: 5000\nevent: hello\nid: %d\ndata: {\"generation\":%d}\n\n", generation, generation) {
		return
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" && last != fmt.Sprint(generation) {
		if !send("event: changed\nid: %d\ndata: {\"generation\":%d}\n\n", generation, generation) {
			return
		}
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-s.Done:
			return
		case <-beat.C:
			if !send(": still here\n\n") {
				return
			}
		case <-next:
			generation, next = s.source.Changed()
			if !send("event: changed\nid: %d\ndata: {\"generation\":%d}\n\n", generation, generation) {
				return
			}
			// At most one event a second for each client.
			if !pause(r.Context(), time.Second) {
				return
			}
		}
	}
}

// pause waits; false when the client went away first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
