package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"aggregator/config"
	"aggregator/store"
)

func verifyCommand() *cobra.Command {
	return careCommand("verify", "Check the whole store: pages, records, indexes, digest",
		`Reads all of the store and checks that its pages are whole, that every record can
be read, and that entries, names, places, stories and lists agree. Prints the
digest: two stores that kept the same polls have the same. Polls wait while the
pages are checked; nothing is changed. The exit code is 1 when anything is wrong.`,
		"  aggregator verify\n  aggregator verify --store backup.db --json", false,
		func(out io.Writer, r *verifyOut) error {
			for _, p := range r.Problems {
				fmt.Fprintln(out, p)
			}
			if r.More > 0 {
				fmt.Fprintf(out, "… and %d more\n", r.More)
			}
			if !r.Good {
				return fmt.Errorf("the store is damaged: restore a backup with aggregator restore FILE")
			}
			fmt.Fprintf(out, "The store is intact: %s of %s in %s, %s.\n", count(r.Entries, "entry"), count(r.Feeds, "feed"), count(r.Stories, "story"), amount(r.Bytes))
			fmt.Fprintf(out, "Earlier versions %d; removed entries whose names are known %d.\nDigest %s\n", r.Versions, r.Gone, r.Digest)
			return nil
		})
}

func compactCommand() *cobra.Command {
	return careCommand("compact", "Give the room of removed entries back to the disk",
		`Writes the store's file anew without the room that removed entries left. Polls
wait meanwhile, readers do not. It needs as much free disk as the result takes;
interrupted, it leaves the file as it was.`,
		"  aggregator compact", true,
		func(out io.Writer, r *compactOut) error {
			fmt.Fprintf(out, "%s before, %s now.\n", amount(r.Before), amount(r.After))
			return nil
		})
}

func reindexCommand() *cobra.Command {
	return careCommand("reindex", "Place all entries anew, by the rules of this version",
		`Places every entry anew, in the order in which they came and with their present
text. Polls and readers go on; readers see the stories as they were until all is
done. Numbers of stories stay where they can and redirect where they cannot;
editors' corrections hold. Interrupted, it has done nothing.
The daemon does this by itself when a new version brings other rules.`,
		"  aggregator reindex", true,
		func(out io.Writer, r *reindexOut) error {
			fmt.Fprintf(out, "%s, in %.1f s.\n", count(r.Stories, "story"), r.Seconds)
			return nil
		})
}

// careCommand is a command whose work the daemon does, or this process.
func careCommand[R any](name, about, long, example string, changes bool, print func(io.Writer, *R) error) *cobra.Command {
	a := asker{changes: changes}
	cmd := &cobra.Command{
		Use: name, Short: about, Long: long, Example: example, Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCare(c, &a, name, nil, print) },
	}
	a.flags(cmd)
	return cmd
}

func runCare[R any](c *cobra.Command, a *asker, name string, with url.Values, print func(io.Writer, *R) error) error {
	cfg, err := a.settings()
	if err != nil {
		return err
	}
	if _, err := os.Stat(cfg.Store.Path); err == nil && !daemonRuns(cfg.Store.Path) {
		if err := checkFile(cfg.Store.Path); err != nil {
			return err
		}
	}
	cl, err := openClient(cfg, false, a.changes)
	if err != nil {
		return err
	}
	var result R
	if err := errors.Join(cl.care(c.Context(), name, with, nil, c.ErrOrStderr(), &result), cl.close()); err != nil {
		return err
	}
	if a.asJSON {
		if err := writeJSON(c.OutOrStdout(), result); err != nil {
			return err
		}
		return print(io.Discard, &result)
	}
	return print(c.OutOrStdout(), &result)
}

func pruneCommand() *cobra.Command {
	a := asker{changes: true}
	var age, size string
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove old stories, by age and by the size of the store",
		Long: `Removes the stories that were last seen in a feed longer before the latest poll
than --older-than, then the oldest until the store is no larger than --max-size.
Without them it goes by [store] keep and max_size, as the daemon does every hour.
What is in the window of stories stays. Names stay known, so that nothing returns
as new.`,
		Example: `  aggregator prune
  aggregator prune --older-than 365d
  aggregator prune --max-size 20GB --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := a.settings()
			if err != nil {
				return err
			}
			keep := store.Retention{Age: cfg.Store.Keep, Size: cfg.Store.MaxSize}
			if age != "" {
				if keep.Age, err = config.ParseDuration(age); err != nil {
					return usageError{fmt.Errorf("--older-than %q: write whole numbers with units, like 365d or 8w", age)}
				}
			}
			if size != "" {
				if keep.Size, err = config.ParseSize(size); err != nil {
					return usageError{fmt.Errorf("--max-size %q: write a whole number with a unit, like 20GB", size)}
				}
			}
			if keep == (store.Retention{}) {
				return usageError{errors.New("nothing says what may go: give --older-than or --max-size, or set [store] keep or max_size")}
			}
			with := url.Values{"age": {keep.Age.String()}, "size": {strconv.FormatInt(keep.Size, 10)}}
			return runCare(c, &a, "prune", with, func(out io.Writer, r *pruneOut) error {
				fmt.Fprintf(out, "%s with %s removed; the file has %s.\n", count(r.Stories, "story"), count(r.Entries, "entry"), amount(r.Bytes))
				if r.Stories > 0 && !r.Compacted {
					fmt.Fprintln(out, "Their room is used again; aggregator compact gives it back to the disk.")
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&age, "older-than", "", "remove stories not seen for this `time`, like 365d")
	cmd.Flags().StringVar(&size, "max-size", "", "then the oldest, until the store has this `size`, like 20GB")
	a.flags(cmd)
	return cmd
}

func backupCommand() *cobra.Command {
	var a asker
	cmd := &cobra.Command{
		Use:   "backup FILE|-",
		Short: "Write a copy of the store, while the daemon goes on",
		Long: `Writes a copy of the store as it is at one moment; polls and readers go on. FILE is
in place only when all of it is on the disk; - writes to standard output. The copy
is a store of its own: every command takes it with --store.`,
		Example: `  aggregator backup aggregator-2026-03-02.db
  aggregator backup - | zstd | ssh vault 'cat > aggregator.db.zst'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.open()
			if err != nil {
				return err
			}
			defer cl.close()
			out := c.OutOrStdout()
			if args[0] == "-" {
				if onTerminal(out) {
					return usageError{errors.New("a store is nothing for a terminal: name a file, or redirect the output")}
				}
				_, err := cl.backup(c, out)
				return err
			}
			n, err := writeFile(args[0], func(w io.Writer) (int64, error) { return cl.backup(c, w) })
			if err != nil {
				return err
			}
			if a.asJSON {
				return writeJSON(out, map[string]any{"file": args[0], "bytes": n})
			}
			fmt.Fprintf(out, "%s: %s\n", args[0], amount(n))
			return nil
		},
	}
	a.flags(cmd)
	return cmd
}

// backup writes a copy of the store to w, showing its progress, and says how many
// bytes it has.
func (cl *client) backup(c *cobra.Command, w io.Writer) (int64, error) {
	bar := progress(c.ErrOrStderr(), -1, "backup", octets)
	defer func() { _ = bar.Finish() }()
	if cl.store != nil {
		n := int64(0)
		err := cl.store.Backup(c.Context(), io.MultiWriter(w, bar), func(size int64) { n = size; bar.ChangeMax64(size) })
		return n, err
	}
	r, err := http.NewRequestWithContext(c.Context(), http.MethodGet, cl.base+backupPath, nil)
	if err != nil {
		return 0, err
	}
	resp, err := cl.RoundTrip(r)
	if err != nil {
		return 0, fmt.Errorf("ask the daemon: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		return 0, refused(resp, body)
	}
	bar.ChangeMax64(resp.ContentLength)
	n, err := io.Copy(io.MultiWriter(w, bar), resp.Body)
	if err != nil {
		return n, fmt.Errorf("the backup broke off: %w", err)
	}
	return n, nil
}

// writeFile puts a file in place once all of it is on the disk.
func writeFile(path string, write func(io.Writer) (int64, error)) (n int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	n, err = write(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return n, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return n, err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return n, err
	}
	return n, errors.Join(dir.Sync(), dir.Close())
}

func restoreCommand() *cobra.Command {
	var a asker
	cmd := &cobra.Command{
		Use:   "restore FILE|-",
		Short: "Put a backup in the place of the store",
		Long: `Reads all of a backup, brings it to this version's layout, verifies it, and only
then puts it in the place of the store. The old file stays beside it, with the
time in its name. The daemon must be stopped: what it remembers of the feeds is
newer than the backup, and it would not ask again for what the backup lacks.`,
		Example: `  aggregator restore aggregator-2026-03-02.db
  ssh vault cat aggregator.db.zst | unzstd | aggregator restore -`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := a.settings()
			if err != nil {
				return err
			}
			if daemonRuns(cfg.Store.Path) {
				return fmt.Errorf("a daemon has the store %s open: stop it (systemctl stop aggregator), restore, and start it again", cfg.Store.Path)
			}
			from := c.InOrStdin()
			size := int64(-1)
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				if info, err := f.Stat(); err == nil {
					size = info.Size()
				}
				from = f
			}
			bar := progress(c.ErrOrStderr(), size, "reading the backup", octets)
			done, err := store.Restore(c.Context(), cfg.Store.Path, store.Options{Window: cfg.Stories.Window, Outlets: cfg.OutletList()},
				io.TeeReader(from, bar), time.Now().UTC().Format("20060102T150405Z"))
			_ = bar.Finish()
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			if a.asJSON {
				v := verifyOutOf(done.Report)
				v.Digest = done.Digest
				return writeJSON(out, struct {
					verifyOut
					Kept string `json:"kept"`
				}{v, done.Kept})
			}
			fmt.Fprintf(out, "Restored %s: %s in %s, digest %s\n", cfg.Store.Path, count(done.Report.Entries, "entry"), count(done.Report.Stories, "story"), done.Digest)
			if done.Kept != "" {
				fmt.Fprintf(out, "The store that was there is kept as %s\n", done.Kept)
			}
			return nil
		},
	}
	a.flags(cmd)
	return cmd
}
