package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"aggregator/feeds"
	"aggregator/stories"
)

// Options say how a store is opened.
type Options struct {
	// Window is how long an entry can still be joined by others; 0 is 7 days.
	Window time.Duration
	// Outlets are the outlets of the configuration. The store remembers them;
	// without any, it goes by what it remembers.
	Outlets []feeds.Outlet
	// Later has Open return before the index is filled, which takes seconds for a large
	// store: readers are served meanwhile, and changes wait. When it cannot be filled
	// they all fail, and Stale with them. It leaves it to the caller to Reindex a store
	// that is Stale.
	Later bool
	// ReadOnly opens a file that nobody writes to; Append and all that changes
	// the file then fail.
	ReadOnly bool
}

// Store is an open file. All methods are safe for concurrent use.
type Store struct {
	path    string
	options Options
	window  time.Duration

	// dbMu is held for reading by every reader of db and for writing by the
	// writing goroutine while it opens the file anew after a failed commit.
	dbMu sync.RWMutex
	db   *bbolt.DB
	file *os.File // db's

	queue   chan *request
	closing chan struct{}
	closed  sync.Once
	stopped chan struct{} // closed when the writing goroutine has ended

	occupied atomic.Bool // Compact or Reindex has the store to itself, or the index is being filled
	failed   atomic.Bool // the last commit failed
	syncing  atomic.Bool // a commit waits for the disk

	// Only the writing goroutine touches these.
	index  *stories.Index
	packer packer
	rows   sketchRows
	// read are members as they stand in heads and places, by entry, so that a
	// story that one poll after the other touches is decoded once.
	read  map[uint64]stories.Member
	stale bool // the index could not be restored: other rules made its sketches
	// rebuild is the reindex under way; nil when there is none.
	rebuild *rebuild
	put     *request // put aside until the transaction under way is done
	mapped  int64    // pages of files in this process's memory when letGo last looked

	tending sync.Mutex // held while a reindex or a pruning is under way

	unpackers atomic.Pointer[unpackers]
	clocks    atomic.Pointer[keptClock] // as it was read last

	mu         sync.RWMutex
	registry   *registry
	corrected  *corrected
	directory  *stories.Directory // read-only
	generation uint64
	next       chan struct{}

	hashing sync.Mutex // one password at a time

	// fault, in tests, makes the write path fail at a named point.
	fault func(point string) error
}

// ErrClosed is returned for calls on a store that was closed.
var ErrClosed = errors.New("the store is closed")

// ErrReadOnly is returned for changes to a store that was opened to be read.
var ErrReadOnly = errors.New("the store was opened for reading only")

// Open opens the store at path and makes it when there is none. It fails with
// an error that says what to do when another process has the file open, when a
// newer program wrote it, and when it is no store. When the rules by which
// entries are placed have changed since, it first places all of them anew, which
// takes minutes for a large store, or leaves that to the caller: see Options.Later.
func Open(path string, o Options) (*Store, error) {
	s := &Store{path: path, options: o, window: o.Window, queue: make(chan *request, 256), closing: make(chan struct{}),
		stopped: make(chan struct{}), next: make(chan struct{}), read: map[uint64]stories.Member{}}
	if s.window <= 0 {
		s.window = 7 * 24 * time.Hour
	}
	if err := s.open(true, o.ReadOnly); err != nil {
		return nil, err
	}
	if o.ReadOnly {
		close(s.stopped)
		return s, nil
	}
	stale := s.stale
	go s.write()
	if stale && !o.Later {
		// Other rules made what the index would go on from: never mix the two.
		if err := s.Reindex(context.Background()); err != nil {
			return nil, errors.Join(fmt.Errorf("store %s: %w", path, err), s.Close())
		}
	}
	return s, nil
}

// Stale reports whether other rules placed the entries than those of now. Until
// Reindex is done readers see them as they were placed, and entries that come
// meanwhile are kept and not yet shown.
func (s *Store) Stale(ctx context.Context) (stale bool, err error) {
	if s.options.ReadOnly {
		return false, nil
	}
	var found atomic.Bool // the closure may come after ctx ended and nobody waits
	err = s.alone(ctx, func() error { found.Store(s.stale); return nil })
	return found.Load(), err
}

// open opens the file, maybe to be read only, and loads what is kept in memory. Only the
// first time it may write: later the disk may be full, and reading must go on.
func (s *Store) open(first, readOnly bool) error {
	if s.options.ReadOnly {
		info, err := os.Stat(s.path)
		if err != nil {
			return fmt.Errorf("opening the store: %w", err)
		}
		if info.Size() == 0 { // its maker was killed, and nobody made it since
			return fmt.Errorf("the store %s is empty: start the daemon once", s.path)
		}
	}
	var unread *fs.PathError // to open it says why
	if err := checkLength(s.path); err != nil && !errors.As(err, &unread) {
		return fmt.Errorf("the store %s is damaged: restore a backup with aggregator restore FILE: %w", s.path, err)
	}
	_, missing := os.Lstat(s.path)
	db, err := bbolt.Open(s.path, 0o640, &bbolt.Options{Timeout: lockWait, ReadOnly: readOnly, NoFreelistSync: true,
		FreelistType: bbolt.FreelistMapType, PreLoadFreelist: true, OpenFile: s.openKept})
	if err == nil && missing != nil {
		if err = giveToOwner(s.path); err != nil {
			_ = db.Close()
		}
	}
	if err != nil {
		return explainOpen(s.path, err)
	}
	db.AllocSize = 1 << 20
	s.db = db
	if err := s.prepare(first); err != nil {
		_ = db.Close()
		return fmt.Errorf("store %s: %w", s.path, err)
	}
	return nil
}

// lockWait is how long a file that another process has open is waited for.
const lockWait = time.Second

var errInUse = bolterrors.ErrTimeout

func explainOpen(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errInUse):
		return &inUse{path, holder(path)}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the store %s may not be opened: check who owns it and its folder, and their modes: %w", path, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the store %s has no folder: make it, for the user that the daemon runs as: %w", path, err)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("the store %s is a folder: [store] path names a file: %w", path, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the store %s cannot be written, since its disk is mounted for reading only: mount it for writing (what only reads, like aggregator stories, works meanwhile): %w", path, err)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("%s is no store of aggregator, or its first pages are damaged: see that [store] path names the right file, else restore a backup with aggregator restore FILE: %w", path, err)
	}
	return fmt.Errorf("opening the store %s: %w", path, explainWrite(err))
}

// prepare checks the schema, makes what is missing and loads the index.
func (s *Store) prepare(first bool) error {
	fresh, layout := false, uint64(schema)
	err := s.db.View(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil {
			if k, _ := tx.Cursor().First(); k != nil {
				return fmt.Errorf("this file belongs to another program")
			}
			fresh = true
			return nil
		}
		if layout = number(meta.Get(metaSchema)); layout > schema {
			return fmt.Errorf("it was written by a newer version of aggregator (layout %d; this one knows %d): install that version", layout, schema)
		}
		return nil
	})
	if err == nil && layout < schema {
		err = s.migrate(layout)
	}
	if err != nil {
		return err
	}
	if fresh && s.options.ReadOnly {
		return fmt.Errorf("it is empty: start the daemon once")
	}
	if fresh {
		err = s.db.Update(func(tx *bbolt.Tx) error {
			for _, name := range buckets {
				if _, err := tx.CreateBucketIfNotExists(name); err != nil {
					return err
				}
			}
			return putMetaNumber(tx, metaSchema, schema)
		})
		if err != nil {
			return explainWrite(err)
		}
	}
	if err := s.complete(); err != nil {
		return err
	}
	if err := s.load(first); err != nil {
		return err
	}
	if s.options.ReadOnly || !first {
		return nil
	}
	if err := s.dropRebuild(); err != nil {
		return explainWrite(err)
	}
	if len(s.options.Outlets) == 0 {
		return nil
	}
	err = s.db.Update(func(tx *bbolt.Tx) error { return s.newBatch(tx).configure(s.options.Outlets) })
	if err != nil {
		return explainWrite(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.directory = stories.NewDirectory(s.registry.outlets[1:])
	return nil
}

// complete reports which bucket is missing.
func (s *Store) complete() error {
	return s.db.View(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("it is damaged: it has no bucket %q: restore a backup with aggregator restore FILE", name)
			}
		}
		return nil
	})
}

// load reads the registry and restores the index from the file, but for an index that
// is left for later.
func (s *Store) load(first bool) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		if err := s.loadDictionaries(tx); err != nil {
			return err
		}
		g, err := loadRegistry(tx)
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.registry, s.directory = g, stories.NewDirectory(g.outlets[1:])
		s.mu.Unlock()
		corrections, err := loadCorrections(tx)
		if err != nil {
			return err
		}
		s.setCorrections(corrections)
		if s.options.ReadOnly || first && s.options.Later {
			return nil
		}
		return s.fill(tx, nil)
	})
}

// fill makes the index of what stands in the file, unless stop is closed before.
func (s *Store) fill(tx *bbolt.Tx, stop <-chan struct{}) (err error) {
	s.index, err = s.restoreIndex(tx, stop)
	if s.stale = errors.Is(err, stories.ErrRules); s.stale {
		s.index, err = s.newIndex(), nil
	}
	if err == nil {
		s.rebuild.reserve(s.index)
	}
	return err
}

func (s *Store) newIndex() *stories.Index {
	return stories.NewIndex(stories.Options{Window: s.window, Salt: rand.Uint32()})
}

// view runs f in a short reading transaction.
func (s *Store) view(f func(*reader) error) error {
	s.dbMu.RLock()
	defer s.dbMu.RUnlock()
	err := s.db.View(func(tx *bbolt.Tx) error { return f(s.reader(tx)) })
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		select {
		case <-s.closing:
			return ErrClosed
		default:
			return fmt.Errorf("the store %s could not be opened again after a failed write: %w", s.path, err)
		}
	}
	return err
}

// Append keeps what polls brought, all of them or none. It returns after the commit,
// nil only when they are on the disk, whole. Polls that wait at the same time share a
// transaction. When ctx ends before, they may still be kept; sending them again does
// no harm.
func (s *Store) Append(ctx context.Context, polls ...feeds.Poll) error {
	for _, p := range polls {
		if p.Feed == "" || p.Outlet == "" {
			return fmt.Errorf("a poll must name its feed and its outlet (feed %q, outlet %q)", p.Feed, p.Outlet)
		}
	}
	return s.do(ctx, func(b *batch) error {
		for i := range polls {
			if err := b.apply(&polls[i]); err != nil {
				return fmt.Errorf("keeping a poll of %s: %w", polls[i].Feed, err)
			}
		}
		return nil
	})
}

// States returns the state of every feed that was ever polled, by its URL.
func (s *Store) States() (map[string]feeds.State, error) {
	states := map[string]feeds.State{}
	err := s.view(func(r *reader) error {
		return r.tx.Bucket(bucketFeeds).ForEach(func(k, v []byte) error {
			state, err := r.state(k, v)
			states[state.URL] = state
			return err
		})
	})
	return states, err
}

// State returns the state of one feed; the zero State when it was never polled.
func (s *Store) State(url string) (state feeds.State, err error) {
	s.mu.RLock()
	f, ok := s.registry.feeds[url]
	s.mu.RUnlock()
	if !ok {
		return state, nil
	}
	err = s.view(func(r *reader) error {
		k := key32(f.number)
		if v := r.tx.Bucket(bucketFeeds).Get(k); v != nil {
			state, err = r.state(k, v)
		}
		return err
	})
	return state, err
}

// state reads a feed's state; k is its number, v its row in bucketFeeds.
func (r *reader) state(k, v []byte) (feeds.State, error) {
	var f feedRow
	if err := decode(v, &f); err != nil {
		return feeds.State{}, fmt.Errorf("feed: %w", err)
	}
	var p polledRow
	if v := r.tx.Bucket(bucketPolled).Get(k); v != nil {
		if err := decode(v, &p); err != nil {
			return feeds.State{}, fmt.Errorf("state of %s: %w", f.URL, err)
		}
	}
	rows, err := unpackPresent(r.tx.Bucket(bucketPresent).Get(k))
	if err != nil {
		return feeds.State{}, fmt.Errorf("%s: %w", f.URL, err)
	}
	var known []uint64
	for _, row := range rows {
		known = append(known, row.raw)
	}
	return fromRows(&f, &p, known), nil
}

// Changed returns the number of commits so far that changed a story, and a
// channel that is closed at the next one.
func (s *Store) Changed() (generation uint64, next <-chan struct{}) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.generation, s.next
}

func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	close(s.next)
	s.next = make(chan struct{})
}

// Close waits for polls that were handed over, and closes the file.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		close(s.closing)
		<-s.stopped
		s.dbMu.Lock()
		defer s.dbMu.Unlock()
		if !s.options.ReadOnly {
			s.keepFreePages()
		}
		err = s.db.Close()
	})
	return err
}

// keepFreePages writes down which pages are free, so that the next Open need not
// look through the whole file for them. When it fails, Open does.
func (s *Store) keepFreePages() {
	s.db.NoFreelistSync = false
	_ = s.db.Update(func(*bbolt.Tx) error { return nil })
}

// Path is the store's file.
func (s *Store) Path() string { return s.path }
