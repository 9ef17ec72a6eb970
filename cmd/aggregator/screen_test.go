package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/creack/pty"
	"github.com/rivo/uniseg"
	"github.com/rogpeppe/go-internal/testscript"
)

// terminal runs a program in a terminal that is so many columns wide, and keeps
// what it shows, escape sequences and all: "terminal FILE COLUMNS PROGRAM...".
func terminal(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: terminal file columns program args...")
	}
	wide, err := strconv.ParseUint(args[1], 10, 16)
	ts.Check(err)
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"HOME", "PATH", "TERM", "NO_COLOR", "CLICOLOR", "LANG"} {
		if v := ts.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: uint16(wide)})
	ts.Check(err)
	var shown bytes.Buffer
	_, _ = io.Copy(&shown, screen) // ends with EIO when the program does
	err = cmd.Wait()
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.ReplaceAll(shown.Bytes(), []byte("\r\n"), []byte("\n")), 0o600))
	if (err != nil) != neg {
		ts.Fatalf("%v: %v\n%s", args[2:], err, shown.Bytes())
	}
}

// widest fails when a line of a file is wider than so many columns: "widest FILE COLUMNS".
func widest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: widest file columns")
	}
	limit, err := strconv.Atoi(args[1])
	ts.Check(err)
	for line := range bytes.Lines([]byte(ts.ReadFile(args[0]))) {
		if n := uniseg.StringWidth(string(bytes.TrimSuffix(line, []byte("\n")))); n > limit {
			ts.Fatalf("%d columns: %q", n, line)
		}
	}
}

// Columns are as wide as a terminal shows them, whatever the script.
func TestTableCountsColumns(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out, "OUTLET", "N", "HEADLINE")
	for _, name := range []string{"Harbour Post", "朝日新聞", "Cafe\u0301 Ne\u0301e", "👩‍👩‍👧 Daily", "عودة\x1b[31m\nمئة"} {
		table.row(name, 7, "x")
	}
	table.row("Last", 1000, "")
	table.print()
	want := "OUTLET            N  HEADLINE\n" +
		"Harbour Post      7  x\n" +
		"朝日新聞          7  x\n" +
		"Cafe\u0301 Ne\u0301e          7  x\n" +
		"👩‍👩‍👧 Daily          7  x\n" +
		"عودة [31m مئة     7  x\n" +
		"Last           1000\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCutEndsAtACharacter(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"Harbour Post", 12, "Harbour Post"},
		{"Harbour Post", 9, "Harbour…"},
		{"朝日新聞", 6, "朝日…"},
		{"朝日新聞", 8, "朝日新聞"},
		{"Cafe\u0301s", 5, "Cafe\u0301s"},
		{"Cafe\u0301 bar", 5, "Cafe\u0301…"},
		{"👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧…"},
	} {
		if got := cut(c.text, c.width); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestFitCutsTheWidest(t *testing.T) {
	widths := []int{5, 40, 30, 12}
	fit(widths, 60)
	if widths[0] != 5 || widths[3] != 12 || 6+widths[0]+widths[1]+widths[2]+widths[3] != 60 {
		t.Errorf("widths are %v", widths)
	}
	fit(widths, 3) // a terminal too narrow for anything
	for _, w := range widths {
		if w > minColumn {
			t.Errorf("widths are %v", widths)
		}
	}
}
