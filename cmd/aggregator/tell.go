package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"aggregator/config"
	"aggregator/feeds/fetch"
	"aggregator/serve/tell"
	"aggregator/store"
)

// tellers are the loops that tell the hub and the webhooks of changes. They
// ask the server itself for what they send, so that it is what everybody gets.
func (s settings) tellers(ctx context.Context, st *store.Store, api http.Handler, log *slog.Logger) (run []func(context.Context) error, err error) {
	if s.serve.Hub == "" && len(s.hooks) == 0 {
		return nil, nil
	}
	client, err := fetch.Guarded(s.allowPrivate)
	if err != nil {
		return nil, fmt.Errorf("[serve] allow_private: %w", err)
	}
	if s.serve.Hub != "" {
		hub := tell.Hub{URL: s.serve.Hub, Changed: st.Changed, Client: client, Log: log,
			Version: func() string { return ask(api, http.MethodHead, "/feed.atom").head.Get("Etag") }}
		for _, path := range []string{"/feed.atom", "/feed.rss", "/feed.json"} {
			hub.Topics = append(hub.Topics, s.serve.BaseURL+path)
		}
		run = append(run, hub.Run)
	}
	for _, w := range s.hooks {
		sender := &tell.Sender{Webhook: w, Source: st, Client: client, Log: log, Now: time.Now, Story: func(id uint64) json.RawMessage {
			if a := ask(api, http.MethodGet, fmt.Sprintf("/api/v1/stories/%d", id)); a.status == http.StatusOK {
				return a.Bytes()
			}
			return nil
		}}
		if err := sender.Open(ctx); err != nil {
			return nil, fmt.Errorf("webhook %s: %w", w.URL, err)
		}
		run = append(run, sender.Run)
	}
	return run, nil
}

func webhooks(cfg *config.Config) (list []tell.Webhook) {
	for _, w := range cfg.Webhooks {
		list = append(list, tell.Webhook{URL: w.URL, Secret: w.Secret, Outlets: w.Outlets, CopiesOf: w.CopiesOf, Verdicts: w.Verdicts})
	}
	return list
}

// answer is what a handler wrote.
type answer struct {
	bytes.Buffer
	head   http.Header
	status int
}

func (a *answer) Header() http.Header { return a.head }

func (a *answer) WriteHeader(status int) { a.status = status }

// ask asks a handler without a network.
func ask(h http.Handler, method, path string) *answer {
	a := &answer{head: http.Header{}, status: http.StatusOK}
	r, err := http.NewRequest(method, path, nil)
	if err != nil { // the paths are those above
		panic(err)
	}
	h.ServeHTTP(a, r)
	return a
}
