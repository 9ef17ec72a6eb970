package store

import "context"

type progressKey struct{}

// WithProgress has long work under ctx (Verify, Reindex, Prune, Backup) say now and
// then how much of it is done, in rows or bytes; of is 0 while that is not
// known. f is called by one goroutine at a time, and must be quick.
func WithProgress(ctx context.Context, f func(done, of int64)) context.Context {
	return context.WithValue(ctx, progressKey{}, f)
}

// ProgressOf gives the function to call; one that does nothing when nobody asked.
func ProgressOf(ctx context.Context) func(done, of int64) {
	if f, ok := ctx.Value(progressKey{}).(func(done, of int64)); ok {
		return f
	}
	return func(int64, int64) {}
}
