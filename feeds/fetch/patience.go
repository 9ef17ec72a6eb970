package fetch

import (
	"context"
	"sync"
	"time"
)

// patience is a context that ends when a request has taken too long. It is used for one
// request after the other as long as none has: to make one for each costs more than all
// else around a request that brings nothing.
type patience struct {
	parent context.Context
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

// patiences are those that no request has. It is safe for concurrent use; the zero value is
// ready.
type patiences struct {
	mu   sync.Mutex
	free []*patience
}

// borrow gives one that ends with parent, or in d.
func (l *patiences) borrow(parent context.Context, d time.Duration) *patience {
	l.mu.Lock()
	var p *patience
	if n := len(l.free); n > 0 {
		p, l.free = l.free[n-1], l.free[:n-1]
	}
	l.mu.Unlock()
	if p != nil && p.parent == parent {
		p.timer.Reset(d)
		return p
	}
	if p != nil {
		p.cancel(nil) // of another run
	}
	p = &patience{parent: parent}
	p.ctx, p.cancel = context.WithCancelCause(parent)
	p.timer = time.AfterFunc(d, func() { p.cancel(errWhole) })
	return p
}

// giveBack takes one back when the answer has been read. One that has ended, or is about
// to, is let go.
func (l *patiences) giveBack(p *patience) {
	if !p.timer.Stop() || p.ctx.Err() != nil {
		p.cancel(nil)
		return
	}
	l.mu.Lock()
	l.free = append(l.free, p)
	l.mu.Unlock()
}
