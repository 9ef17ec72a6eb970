// Package tell tells others over HTTP that stories changed: the WebSub hub of
// the merged feeds, and webhooks. Each Run is one loop that its caller owns and
// ends; what cannot be delivered is tried again, ever more rarely.
package tell

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	timeout   = 20 * time.Second // for one request, until its answer has arrived
	firstWait = 5 * time.Second  // after the first failure; then four times as long each time
	longest   = time.Hour        // between two attempts
	maxAnswer = 64 << 10         // bytes of an answer that are read, so that its connection is good for another request
)

// send makes one request and reports its status; wait is what the receiver asks
// for with Retry-After, in seconds, an hour at most.
func send(ctx context.Context, client *http.Client, r *http.Request) (status int, wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resp, err := client.Do(r.WithContext(ctx))
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, askedFor(resp.Header.Get("Retry-After")), nil
}

// askedFor is the wait that a Retry-After asks for in seconds; 0 when it is no such number.
func askedFor(retryAfter string) time.Duration {
	seconds, err := strconv.ParseUint(retryAfter, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range it is the largest there is
		return 0
	}
	return time.Duration(min(seconds, uint64(longest/time.Second))) * time.Second
}

// backOff is how long to wait after so many failures in a row, with a tenth left
// to chance so that many senders do not come at once.
func backOff(failures int) time.Duration {
	d := firstWait
	for range min(failures, 20) - 1 {
		d = min(4*d, longest)
	}
	return d - time.Duration(rand.Int64N(int64(d)/10))
}

// pause waits; false when ctx ended first.
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
