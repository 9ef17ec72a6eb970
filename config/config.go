// Package config reads the daemon's TOML file: built-in defaults, strict keys,
// and every problem reported at once with its line and what to write instead.
//
// It reads the file it is given and the secrets that the file names, and nothing
// else: no environment, no clock, no network. aggregator.example.toml shows every key with its default.
package config

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"aggregator/feeds"
)

// Config is a whole configuration, defaults filled in. It is read-only once
// loaded, and then safe to share.
type Config struct {
	Store Store
	Serve Serve
	// Poll is what [poll] says for all feeds; each Feed has its own, resolved.
	Poll feeds.Settings
	// Parallel is how many requests may be in flight at once, over all hosts.
	Parallel int
	Stories  Stories
	WebSub   WebSub
	Cluster  Cluster
	// Outlets are in the order of the file.
	Outlets  []Outlet
	Webhooks []Webhook
}

// Store is where entries are kept.
type Store struct {
	// Path of the database. Load makes a path that is relative in the file
	// relative to the file's directory, so that the daemon finds the same
	// database from wherever it is started.
	Path string
	// Keep is how long a story is kept after it was last seen in a feed; 0 is for
	// ever.
	Keep time.Duration
	// MaxSize is how large the file may grow, in bytes, before the oldest stories
	// are removed; 0 is any size.
	MaxSize int64
}

// Serve is what the HTTP server needs.
type Serve struct {
	Listen string // "host:port"; host empty means all addresses
	// BaseURL is the address under which readers reach it, without a trailing
	// slash; empty means http:// and the listening address.
	BaseURL string
	Title   string // of the merged feed
	// Hub is the WebSub hub that is told of changes of the merged feed; may be empty.
	Hub string
	// AllowPrivate are the ranges of private addresses in which the hub and the
	// webhooks may be.
	AllowPrivate []string
}

// WebSub is about subscribing at the hubs that feeds name.
type WebSub struct {
	// Callback is the public https address under which hubs reach this server,
	// without a trailing slash; empty subscribes to nothing.
	Callback string
}

// Webhook is a receiver of events.
type Webhook struct {
	URL    string
	Secret []byte // signs the events
	// Outlets: a story reaches so many outlets; 0 is not told.
	Outlets int
	// CopiesOf are outlet ids, and names of origins that are not followed: a copy
	// of one of their texts appears.
	CopiesOf []string
	// Verdicts: who was first, or how sure that is, changes.
	Verdicts bool
	Line     int // of its [[webhook]]
}

// Stories is how entries become stories.
type Stories struct {
	// Window is how far back a new entry looks for its story.
	Window time.Duration
	// Settle is how long a new story waits before it comes into the merged feeds.
	Settle time.Duration
}

// Outlet is a publisher and its feeds.
type Outlet struct {
	feeds.Outlet
	// Schedule and Floor hold for its feeds that have none of their own, those that
	// are still to be added among them.
	Schedule string
	Floor    time.Duration
	Feeds    []Feed
	Line     int // of its [[outlet]]
}

// Own is what the outlet's feeds start from: the built-in defaults with its own
// schedule and floor.
func (o *Outlet) Own() feeds.Settings {
	own := feeds.DefaultSettings()
	own.Schedule, own.Floor = cmp.Or(o.Schedule, own.Schedule), cmp.Or(o.Floor, own.Floor)
	return own
}

// Feed is one feed of an outlet with the settings that hold for it.
type Feed struct {
	URL      string
	Settings feeds.Settings
	Line     int // of its url
}

// Default returns the built-in defaults: what an empty file means, outlets
// apart.
func Default() *Config {
	return &Config{
		Store:    Store{Path: "aggregator.db"},
		Serve:    Serve{Listen: "127.0.0.1:8080", Title: "aggregator"},
		Poll:     feeds.DefaultSettings(),
		Parallel: 32,
		Stories:  Stories{Window: 7 * 24 * time.Hour, Settle: 2 * time.Minute},
		Cluster:  defaultCluster(),
	}
}

// maxFile is the largest file that Load reads, in bytes: a hundred thousand
// outlets, and no accident with a wrong path.
const maxFile = 64 << 20

// Load reads the file at path. When anything in it is wrong the error is of
// type Problems and holds all of it, in the order of the file's lines.
func Load(path string) (*Config, error) {
	info, err := os.Stat(path)
	var data []byte
	switch {
	case err != nil:
	case info.IsDir():
		return nil, Problems{{File: path, What: "this is a directory", Write: "name the file in it"}}
	case info.Size() > maxFile:
		return nil, Problems{{File: path, What: "the file is larger than 64 MB", Write: "give the path of the configuration file"}}
	default:
		data, err = os.ReadFile(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, Problems{{File: path, What: "there is no such file",
			Write: "copy aggregator.example.toml there, or name another file with --config"}}
	case err != nil:
		return nil, Problems{{File: path, What: err.Error(), Write: "make the file readable"}}
	}
	return Parse(path, data)
}

// LoadPoll reads what the [poll] of a file says for all feeds, whatever else is
// wrong with the file: for programs that ask publishers and follow no outlet.
func LoadPoll(path string) (feeds.Settings, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return feeds.Settings{}, err
	}
	c, problems := parse(path, data)
	var ours Problems
	for _, p := range problems {
		if c == nil || p.Key == "poll" || strings.HasPrefix(p.Key, "poll.") {
			ours = append(ours, p)
		}
	}
	if len(ours) > 0 {
		return feeds.Settings{}, ours
	}
	return c.Poll, nil
}

// Parse is Load for a file that was read already; path names it in problems,
// and its directory is where a relative store path starts.
func Parse(path string, data []byte) (*Config, error) {
	c, problems := parse(path, data)
	if len(problems) > 0 {
		return nil, problems
	}
	return c, nil
}

// parse gives what could be read, and what could not; no Config when it is no TOML.
func parse(path string, data []byte) (*Config, Problems) {
	tree := map[string]any{}
	if err := toml.Unmarshal(data, &tree); err != nil {
		return nil, Problems{syntaxProblem(path, err)}
	}
	r := &reader{file: path, lines: lineNumbers(data), gaps: map[string]time.Duration{}}
	c := Default()
	r.config(c, tree)
	here := func(file *string) {
		if *file != "" && !filepath.IsAbs(*file) {
			*file = filepath.Join(filepath.Dir(path), *file)
		}
	}
	for _, file := range []*string{&c.Store.Path, &c.Cluster.Credentials, &c.Cluster.CA, &c.Cluster.Cert, &c.Cluster.Key, &c.Cluster.PasswordFile} {
		here(file)
	}
	return c, r.problems.sorted()
}
