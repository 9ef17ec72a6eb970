//go:build packaging

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// The packages' manual pages are made by a build of its own, so that the program
// does not carry what makes them.
func init() { furtherCommands = append(furtherCommands, manualCommand) }

func manualCommand() *cobra.Command {
	var example string
	cmd := &cobra.Command{
		Use:    "manual DIR",
		Short:  "Write the manual pages to DIR/man1 and DIR/man5",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
			if err != nil {
				return fmt.Errorf("SOURCE_DATE_EPOCH must be the time of the commit: %w", err)
			}
			date := time.Unix(seconds, 0).UTC()
			root := c.Root()
			root.DisableAutoGenTag = true
			header := &doc.GenManHeader{Section: "1", Source: "aggregator " + version, Manual: "aggregator", Date: &date}
			if err := doc.GenManTree(root, header, filepath.Join(args[0], "man1")); err != nil {
				return err
			}
			data, err := os.ReadFile(example)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(args[0], "man5", "aggregator.toml.5"), settingsPage(data, date), 0o644)
		},
	}
	cmd.Flags().StringVar(&example, "example", "aggregator.example.toml", "the example configuration that aggregator.toml(5) is made from")
	return cmd
}

// settingsPage makes aggregator.toml(5) of the example configuration: a section for
// each table, a paragraph for each key with its default and its comment.
func settingsPage(example []byte, date time.Time) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, ".TH AGGREGATOR.TOML 5 %q %q \"aggregator\"\n", date.Format("2006-01-02"), "aggregator "+version)
	out.WriteString(".SH NAME\naggregator.toml \\- the configuration of aggregator\n.SH DESCRIPTION\n")
	lines := bufio.NewScanner(bytes.NewReader(example))
	verbatim, blank := false, false
	end := func() {
		if verbatim {
			out.WriteString(".fi\n")
			verbatim = false
		}
	}
	for lines.Scan() {
		line := lines.Text()
		if blank && strings.HasPrefix(line, "#") {
			out.WriteString(".PP\n")
		}
		blank = false
		text, isComment := strings.CutPrefix(strings.TrimSpace(line), "#")
		switch {
		case line == "[[outlet]]":
			// The first outlet shows the keys of all; the rest are examples of them.
			end()
			out.WriteString(".SH OUTLETS\nEach outlet is an [[outlet]] with its feeds below it:\n.PP\n.nf\n")
			for blank := 0; blank < 2; {
				out.WriteString(roff(line) + "\n")
				if !lines.Scan() {
					break
				}
				if line = lines.Text(); line == "" {
					blank++
				}
			}
			out.WriteString(".fi\n.SH FILES\n/etc/aggregator/aggregator.toml\n.SH SEE ALSO\n.BR aggregator (1)\n")
			return out.Bytes()
		case strings.HasPrefix(line, "["):
			end()
			name, comment, _ := strings.Cut(line, "#")
			fmt.Fprintf(&out, ".SH %s\n", roff(strings.TrimSpace(name)))
			if comment != "" {
				out.WriteString(roff(strings.TrimSpace(comment)) + "\n")
			}
		case line == "":
			end()
			blank = true
		case isComment && strings.HasPrefix(line, " "): // goes on with the comment of a key
			out.WriteString(roff(strings.TrimSpace(text)) + "\n")
		case isComment && (strings.HasPrefix(text, "  ") || strings.Contains(text, " = ") || strings.HasPrefix(text, " [[")):
			if !verbatim {
				out.WriteString(".PP\n.nf\n")
				verbatim = true
			}
			out.WriteString(roff(strings.TrimSpace(text)) + "\n")
		case isComment && text == "":
			end()
			blank = true
		case isComment:
			end()
			out.WriteString(roff(strings.TrimSpace(text)) + "\n")
		default:
			end()
			setting, comment := splitSetting(line)
			fmt.Fprintf(&out, ".TP\n.B %s\n%s\n", roff(setting), roff(strings.TrimSpace(comment)))
		}
	}
	return out.Bytes()
}

// splitSetting parts "key = value   # comment".
func splitSetting(line string) (setting, comment string) {
	if i := strings.LastIndex(line, "  #"); i >= 0 {
		return strings.TrimSpace(line[:i]), line[i+3:]
	}
	return line, ""
}

// roff escapes what the typesetter would take for its own.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
