package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"aggregator/feeds/poll"
	"aggregator/store"
)

// The watchdog hears nothing while nobody looks at the schedule, nor while the store
// does not write; the log says which.
func TestWatchdogIsNotFedByADaemonThatDoesNotWork(t *testing.T) {
	dir := t.TempDir()
	address := &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"}
	notes, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	defer notes.Close()
	t.Setenv("NOTIFY_SOCKET", address.Name)
	t.Setenv("WATCHDOG_USEC", "30000")
	st, err := store.Open(filepath.Join(dir, "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	asleep, err := poll.New(nil, nil, st, poll.Options{})
	if err != nil {
		t.Fatal(err)
	}
	silent := func(p *pulse, reason string) {
		t.Helper()
		said := make(chan string, 100)
		log := slog.New(&lineHandler{level: slog.LevelError, write: func(r slog.Record, attrs []slog.Attr) error {
			said <- sentence(r, attrs)
			return nil
		}})
		ctx, stop := context.WithCancel(context.Background())
		beaten := make(chan error, 1)
		go func() { beaten <- p.beat(ctx, log) }()
		for range 3 {
			if line := <-said; !strings.Contains(line, reason) {
				t.Errorf("the log says %q, not %q", line, reason)
			}
		}
		stop()
		if err := <-beaten; err != nil {
			t.Error(err)
		}
		_ = notes.SetReadDeadline(time.Now().Add(time.Millisecond))
		var buf [100]byte
		if n, err := notes.Read(buf[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the watchdog heard %q (%v)", buf[:n], err)
		}
	}
	p := &pulse{store: st}
	p.poller.Store(asleep)
	silent(p, "has not looked at its schedule")

	p = &pulse{store: st}
	p.behind.Store(true) // no schedule to look at: the store alone counts
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	silent(p, "the daemon does not do its work")

	if !unwritable(errors.Join(errors.New("x"), syscall.ENOSPC)) || unwritable(errors.New("x")) {
		t.Error("a full disk is not told from other failures")
	}
}
