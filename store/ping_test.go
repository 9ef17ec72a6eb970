package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"aggregator/feeds"
)

// A ping finds a writing goroutine that is stuck, waits for no task that has the
// store to itself, and hears of a closed store.
func TestPing(t *testing.T) {
	s, _ := openTemp(t)
	const patience = 2 * time.Minute
	ping := func(limit time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		return s.Ping(ctx)
	}
	if err := ping(patience); err != nil {
		t.Errorf("at rest: %v", err)
	}
	for _, c := range []struct {
		name  string
		start func(begun, end chan struct{}) error
		want  error
	}{
		{"stuck", func(begun, end chan struct{}) error {
			return s.do(context.Background(), func(*batch) error { close(begun); <-end; return nil })
		}, context.DeadlineExceeded},
		{"a slow disk", func(begun, end chan struct{}) error {
			slow := true
			s.fault = func(point string) error {
				if point == "before commit" && slow {
					slow = false
					close(begun)
					<-end
				}
				return nil
			}
			return s.do(context.Background(), func(*batch) error { return nil })
		}, ErrSlowDisk},
		{"compacting", func(begun, end chan struct{}) error {
			return s.alone(context.Background(), func() error { close(begun); <-end; return nil })
		}, nil},
	} {
		begun, end, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() { done <- c.start(begun, end) }()
		<-begun
		limit := patience
		if c.want != nil {
			limit = 200 * time.Millisecond // which is never answered
		}
		if err := ping(limit); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		close(end)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := ping(patience); err != nil {
			t.Errorf("%s, afterwards: %v", c.name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ping(patience); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// Outlets of a changed configuration are known at once, and after opening again.
func TestConfigure(t *testing.T) {
	s, path := openTemp(t)
	one := feeds.Outlet{ID: "coast", Name: "Coast News", Home: "https://coast.example/"}
	if err := s.Configure(t.Context(), []feeds.Outlet{one}); err != nil {
		t.Fatal(err)
	}
	has := func(s *Store) bool {
		for _, o := range s.Outlets() {
			if o.ID == one.ID && o.Name == one.Name {
				return true
			}
		}
		return false
	}
	if !has(s) {
		t.Errorf("not known: %v", s.Outlets())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !has(openAt(t, path)) {
		t.Error("forgotten")
	}
}
