package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"aggregator/config"
	"aggregator/feeds"
	"aggregator/feeds/foreign"
	"aggregator/feeds/opml"
)

func exportCommand() *cobra.Command {
	var file string
	var asOPML bool
	cmd := &cobra.Command{
		Use:     "export --opml",
		Short:   "Write the outlets as OPML, for other feed readers",
		Long:    "Writes the configured outlets and feeds as OPML 2.0. Schedules and floors go along in\nattributes of their own, which import reads and other readers ignore; request\nfields and their secrets do not.",
		Example: "  aggregator export --opml > outlets.opml",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !asOPML {
				return usageError{errors.New("say in which form: --opml is the only one\nTry: aggregator export --help")}
			}
			cfg, err := config.Load(file)
			if err != nil {
				return err
			}
			return opml.Write(c.OutOrStdout(), cfg.Serve.Title, exported(cfg))
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().BoolVar(&asOPML, "opml", false, "as OPML 2.0")
	return cmd
}

func exported(cfg *config.Config) []opml.Outlet {
	standard := feeds.DefaultSettings()
	var list []opml.Outlet
	for _, o := range cfg.Outlets {
		out := opml.Outlet{Outlet: o.Outlet}
		own := o.Own()
		out.Schedule, out.Floor = pace(own, standard)
		for _, f := range o.Feeds {
			feed := opml.Feed{URL: f.URL}
			feed.Schedule, feed.Floor = pace(f.Settings, own)
			out.Feeds = append(out.Feeds, feed)
		}
		list = append(list, out)
	}
	return list
}

// pace is what differs from what holds already.
func pace(s, holds feeds.Settings) (schedule, floor string) {
	if s.Schedule != holds.Schedule {
		schedule = s.Schedule
	}
	if s.Floor != holds.Floor {
		floor = config.FormatDuration(s.Floor)
	}
	return schedule, floor
}

func importCommand() *cobra.Command {
	a := asker{makes: true}
	var from, user string
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Take over feeds, entries and what was read from another reader",
		Long: `Reads OPML, of this program or of any feed reader, and prints an [[outlet]] for each
site with its feeds, to be put into the configuration; - reads standard input. Nothing
is fetched. Everything that is wrong is named with its line, and then nothing is printed.

With --from it reads the entries that another reader exported and keeps those of
configured feeds, as an archive: their dates are claims, since nobody saw here when
they appeared. With --user what was read and starred there is so for that user
here. docs/migrating.md says how each reader exports. It may be run again.`,
		Example: `  aggregator import feeds.opml >> aggregator.toml && aggregator check
  aggregator import --from miniflux entries.json --user ada
  aggregator import --from freshrss export.zip
  sqlite3 -json cache.db 'select * from rss_item' | aggregator import --from newsboat -`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if from != "" {
				return importEntries(c, &a, foreign.Reader(from), user, args[0])
			}
			data, err := readInput(c.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			text, left, err := imported(args[0], data)
			if err != nil {
				return err
			}
			if a.asJSON {
				return writeJSON(c.OutOrStdout(), listOut{text, append(opml.Problems{}, left...)})
			}
			for _, p := range left {
				fmt.Fprintf(c.ErrOrStderr(), "%s:%d: %s; %s\n", args[0], p.Line, p.What, p.Write)
			}
			_, err = io.WriteString(c.OutOrStdout(), text)
			return err
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the `reader` whose entries these are: miniflux, freshrss or newsboat")
	_ = cmd.RegisterFlagCompletionFunc("from", cobra.FixedCompletions([]string{"miniflux", "freshrss", "newsboat"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&user, "user", "", "the `name` of the user who read them")
	a.flags(cmd)
	return cmd
}

// listOut is what `import FILE.opml --json` prints; docs/formats.md is its contract.
type listOut struct {
	TOML    string        `json:"toml"`
	LeftOut opml.Problems `json:"left_out"`
}

// maxOPML is the largest file that is read, in bytes.
const maxOPML = 64 << 20

func readInput(stdin io.Reader, path string) ([]byte, error) {
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		stdin = f
	}
	data, err := io.ReadAll(io.LimitReader(stdin, maxOPML+1))
	if err == nil && len(data) > maxOPML {
		err = errors.New("it is larger than 64 MB")
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

// imported is OPML as TOML that the configuration accepts.
func imported(name string, data []byte) (string, opml.Problems, error) {
	outlets, left, err := opml.Read(data)
	var problems opml.Problems
	if errors.As(err, &problems) {
		return "", nil, located(name, problems)
	}
	var text strings.Builder
	// origin is the line of the OPML that each line of text came from.
	var origin []int
	ids := map[string]bool{}
	for _, o := range outlets {
		ids[o.ID] = true
	}
	for i, o := range outlets {
		out := config.Outlet{Outlet: o.Outlet}
		if out.ID == "" {
			out.ID = newID(&o, ids)
		}
		own := feeds.DefaultSettings()
		paced := func(s feeds.Settings, schedule, floor string, line int) feeds.Settings {
			if s.Schedule = cmp.Or(schedule, s.Schedule); floor != "" {
				if s.Floor, err = config.ParseDuration(floor); err != nil {
					problems = append(problems, opml.Problem{Line: line, What: err.Error(), Write: `write a floor such as "5m"`})
				}
			}
			return s
		}
		own = paced(own, o.Schedule, o.Floor, o.Line)
		out.Schedule, out.Floor = own.Schedule, own.Floor
		for _, f := range o.Feeds {
			s := paced(own, f.Schedule, f.Floor, f.Line)
			out.Feeds = append(out.Feeds, config.Feed{URL: f.URL, Settings: s})
		}
		block := config.FormatOutlet(out)
		if i > 0 {
			block = "\n" + block
		}
		text.WriteString(block)
		line, feed := o.Line, 0
		for _, l := range strings.Split(strings.TrimSuffix(block, "\n"), "\n") {
			if l == "[[outlet.feed]]" {
				line = o.Feeds[feed].Line
				feed++
			}
			origin = append(origin, line)
		}
	}
	if len(problems) > 0 {
		return "", nil, located(name, problems)
	}
	return text.String(), left, checkImport(name, text.String(), origin)
}

// allPrivate lets addresses of private networks pass: whether they may be asked is
// the configuration's affair, not the list's.
const allPrivate = "\n[poll]\nallow_private = [\"0.0.0.0/0\", \"::/0\"]\n"

// checkImport says what the configuration has against text, by the lines of the file
// that it came from.
func checkImport(name, text string, origin []int) error {
	_, err := config.Parse(name, []byte(text+allPrivate))
	var bad config.Problems
	if !errors.As(err, &bad) {
		return err
	}
	at := func(line int) int {
		if line < 1 || line > len(origin) {
			return line
		}
		return origin[line-1]
	}
	for i := range bad {
		bad[i].Line = at(bad[i].Line)
		bad[i].What = lineWord.ReplaceAllStringFunc(bad[i].What, func(s string) string {
			n, _ := strconv.Atoi(strings.TrimPrefix(s, "line "))
			return fmt.Sprint("line ", at(n))
		})
	}
	return errors.New(bad.Error()) // not config.Problems: the configuration is not at fault
}

var lineWord = regexp.MustCompile(`\bline [0-9]+`)

func located(name string, problems opml.Problems) error {
	list := make([]error, len(problems))
	for i, p := range problems {
		list[i] = fmt.Errorf("%s:%d: %s; %s", name, p.Line, p.What, p.Write)
	}
	return errors.Join(list...)
}

// newID gives an outlet of another reader's file an id that nobody has.
func newID(o *opml.Outlet, taken map[string]bool) string {
	base := cmp.Or(config.NewID(o.Name), config.NewID(hostOf(o.Home)), "outlet")
	base = strings.TrimRight(base[:min(len(base), 58)], "-") // room for a number
	id := base
	for n := 2; taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	taken[id] = true
	return id
}
