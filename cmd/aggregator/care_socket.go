package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"aggregator/serve"
	"aggregator/store"
)

// Where the command line has the daemon care for its store: at the unix socket
// alone. A backup answers with the file's bytes, anything else with lines of
// careLine, so that long work can be watched.
const (
	carePath   = "/local/care/"
	backupPath = "/local/backup"
)

// careLine is a line of the answer: how far the work is, or, at last, how it ended.
type careLine struct {
	Done   int64           `json:"done,omitempty"`
	Of     int64           `json:"of,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// What the work prints with --json; docs/formats.md is its contract.
type (
	verifyOut struct {
		Good     bool     `json:"good"`
		Outlets  int      `json:"outlets"`
		Feeds    int      `json:"feeds"`
		Stories  int      `json:"stories"`
		Entries  int      `json:"entries"`
		Versions int      `json:"versions"`
		Gone     int      `json:"gone"`
		Bytes    int64    `json:"bytes"`
		Digest   string   `json:"digest"`
		Problems []string `json:"problems"`
		More     int      `json:"more_problems"`
	}
	compactOut struct {
		Before int64 `json:"bytes_before"`
		After  int64 `json:"bytes_after"`
	}
	pruneOut struct {
		Stories   int   `json:"stories"`
		Entries   int   `json:"entries"`
		Bytes     int64 `json:"bytes"`
		Compacted bool  `json:"compacted"`
	}
	reindexOut struct {
		Stories int     `json:"stories"`
		Seconds float64 `json:"seconds"`
	}
)

// careJobs is the work, by its command's name.
var careJobs = map[string]func(ctx context.Context, st *store.Store, with url.Values, body io.Reader) (any, error){
	"verify": func(ctx context.Context, st *store.Store, _ url.Values, _ io.Reader) (any, error) {
		r, err := st.Verify(ctx)
		out := verifyOutOf(r)
		if err == nil && r.OK() { // what is damaged has no digest
			out.Digest, err = st.Digest()
		}
		return out, err
	},
	"compact": func(ctx context.Context, st *store.Store, _ url.Values, _ io.Reader) (any, error) {
		before, after, err := st.Compact(ctx)
		return compactOut{before, after}, err
	},
	"prune": func(ctx context.Context, st *store.Store, with url.Values, _ io.Reader) (any, error) {
		age, err1 := time.ParseDuration(with.Get("age"))
		size, err2 := strconv.ParseInt(with.Get("size"), 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		r, err := st.Retain(ctx, store.Retention{Age: age, Size: size})
		return pruneOut{r.Stories, r.Entries, r.Bytes, r.Compacted}, err
	},
	"reindex": func(ctx context.Context, st *store.Store, _ url.Values, _ io.Reader) (any, error) {
		began := time.Now()
		if err := st.Reindex(ctx); err != nil {
			return nil, err
		}
		n, err := st.Count()
		return reindexOut{n, time.Since(began).Round(time.Millisecond).Seconds()}, err
	},
	"import": importItems,
}

func verifyOutOf(r store.Report) verifyOut {
	return verifyOut{Good: r.OK(), Outlets: r.Outlets, Feeds: r.Feeds, Stories: r.Stories, Entries: r.Entries, Versions: r.Versions,
		Gone: r.Gone, Bytes: r.Bytes, Problems: append([]string{}, r.Problems...), More: r.More}
}

// withCare answers for carePath and backupPath at the socket, and leaves all else
// to next.
func withCare(st *store.Store, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !serve.Local(r) || r.URL.Path != backupPath && !strings.HasPrefix(r.URL.Path, carePath) {
			next.ServeHTTP(w, r)
			return
		}
		// The server's patience with slow requests must not end the work for this one.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		_ = http.NewResponseController(w).EnableFullDuplex() // progress while the body comes
		job := careJobs[strings.TrimPrefix(r.URL.Path, carePath)]
		switch {
		case r.URL.Path == backupPath:
			sendBackup(st, w, r)
		case job != nil && r.Method == http.MethodPost:
			sendCare(w, r, func(ctx context.Context) (any, error) { return job(ctx, st, r.URL.Query(), r.Body) })
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func sendBackup(st *store.Store, w http.ResponseWriter, r *http.Request) {
	began := false
	err := st.Backup(r.Context(), w, func(n int64) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
		began = true
	})
	switch {
	case err == nil:
	case began:
		panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
	default:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusInternalServerError)
		_ = json.NewEncoder(w).Encode(map[string]string{"detail": err.Error()})
	}
}

// sendCare does the work and writes its lines.
func sendCare(w http.ResponseWriter, r *http.Request, work func(context.Context) (any, error)) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines := json.NewEncoder(w)
	var mu sync.Mutex
	var last time.Time
	send := func(l careLine) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); l.Result != nil || l.Error != "" || now.Sub(last) > 100*time.Millisecond {
			last = now
			_ = lines.Encode(l) // a client that went away ends the request's context
			_ = http.NewResponseController(w).Flush()
		}
	}
	result, err := work(store.WithProgress(r.Context(), func(done, of int64) { send(careLine{Done: done, Of: of}) }))
	l := careLine{}
	if err == nil {
		l.Result, err = json.Marshal(result)
	}
	if err != nil {
		l.Error = err.Error()
	}
	send(l)
}

// care has the work done, by the daemon or here, showing its progress on stderr,
// and reads its result.
func (c *client) care(ctx context.Context, job string, with url.Values, body io.Reader, stderr io.Writer, result any) error {
	bar := progress(stderr, -1, job, things)
	show := func(done, of int64) {
		if of > 0 {
			bar.ChangeMax64(of)
		}
		_ = bar.Set64(done)
	}
	defer func() { _ = bar.Finish() }()
	if c.store != nil {
		out, err := careJobs[job](store.WithProgress(ctx, show), c.store, with, body)
		if err != nil {
			return err
		}
		data, err := json.Marshal(out)
		if err != nil {
			return err
		}
		return json.Unmarshal(data, result)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+address(carePath+job, with), body)
	if err != nil {
		return err
	}
	resp, err := c.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("ask the daemon: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		return refused(resp, body)
	}
	for lines := json.NewDecoder(resp.Body); ; {
		var l careLine
		if err := lines.Decode(&l); err != nil {
			return fmt.Errorf("the daemon stopped before it was done: %w", err)
		}
		switch {
		case l.Error != "":
			return errors.New(l.Error)
		case l.Result != nil:
			return json.Unmarshal(l.Result, result)
		}
		show(l.Done, l.Of)
	}
}

// tend keeps the store within a retention, an hour after the start and every
// hour then, and places entries anew when the rules have changed, until ctx ends.
func (d *running) tend(ctx context.Context, retention store.Retention) error {
	stale, err := d.store.Stale(ctx)
	if err == nil && stale {
		d.log.Info("the rules by which entries are placed have changed: all are placed anew; readers see the stories as they were until that is done")
		if err = d.store.Reindex(ctx); err != nil {
			err = fmt.Errorf("placing entries by the new rules: %w", err)
		} else {
			d.log.Info("all entries are placed by the new rules")
		}
	}
	if err != nil && ctx.Err() == nil {
		return err
	}
	if retention == (store.Retention{}) {
		return nil
	}
	for hour := time.NewTicker(time.Hour); ; {
		select {
		case <-ctx.Done():
			hour.Stop()
			return nil
		case <-hour.C:
			r, err := d.store.Retain(ctx, retention)
			if err != nil && ctx.Err() == nil {
				d.log.Error("the store could not be pruned; it is tried again in an hour", "err", err)
			} else if r.Entries > 0 {
				d.log.Info("pruned", slog.Int("stories", r.Stories), slog.Int("entries", r.Entries), slog.Int64("bytes", r.Bytes), slog.Bool("compacted", r.Compacted))
			}
		}
	}
}
