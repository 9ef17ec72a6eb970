package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
)

// table prints rows in aligned columns, by the width that a terminal gives each
// text; numbers stand at the right. On a terminal the widest columns are cut until
// a row fits; elsewhere nothing is.
type table struct {
	out  io.Writer
	head bool // the first row is one
	rows []row
}

type row struct {
	cells []cell
	line  bool // goes across all columns
}

type cell struct {
	text   string
	colour colour
}

// newTable begins a table with its head, if it has one.
func newTable(out io.Writer, head ...string) *table {
	t := &table{out: out, head: len(head) > 0}
	if t.head {
		cells := make([]any, len(head))
		for i, h := range head {
			cells[i] = cell{h, bold}
		}
		t.row(cells...)
	}
	return t
}

// row adds a row. A cell is a cell, or anything that prints.
func (t *table) row(cells ...any) {
	r := row{cells: make([]cell, len(cells))}
	for i, c := range cells {
		if as, ok := c.(cell); ok {
			r.cells[i] = cell{plain(as.text), as.colour}
		} else {
			r.cells[i].text = plain(fmt.Sprint(c))
		}
	}
	t.rows = append(t.rows, r)
}

// line adds a line that belongs to the row above it and goes across all columns.
func (t *table) line(c colour, text string) {
	t.rows = append(t.rows, row{[]cell{{plain(text), c}}, true})
}

const (
	columnGap = 2
	minColumn = 6 // columns of a terminal are not cut further
)

// print writes the rows.
func (t *table) print() {
	widths, numbers := t.measure()
	if limit := columns(t.out); limit > 0 {
		fit(widths, limit)
	}
	var out strings.Builder
	for _, row := range t.rows {
		if row.line {
			out.WriteString(paint(t.out, row.cells[0].colour, row.cells[0].text) + "\n")
			continue
		}
		blank := 0 // columns owed: nothing stands behind the last text
		for i, c := range row.cells {
			text := cut(c.text, widths[i])
			room := widths[i] - uniseg.StringWidth(text)
			if numbers[i] {
				blank, room = blank+room, 0
			}
			if text != "" {
				out.WriteString(strings.Repeat(" ", blank) + paint(t.out, c.colour, text))
				blank = 0
			}
			blank += room + columnGap
		}
		out.WriteByte('\n')
	}
	_, _ = io.WriteString(t.out, out.String())
}

// measure gives each column's width, and whether all below its head are numbers.
func (t *table) measure() (widths []int, numbers []bool) {
	for n, row := range t.rows {
		if row.line {
			continue
		}
		for i, c := range row.cells {
			if i == len(widths) {
				widths, numbers = append(widths, 0), append(numbers, true)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(c.text))
			if n > 0 || !t.head {
				numbers[i] = numbers[i] && isNumber(c.text)
			}
		}
	}
	return widths, numbers
}

func isNumber(s string) bool {
	s = strings.TrimSpace(s)
	_, err := strconv.Atoi(s)
	return err == nil || s == "" || s == "–"
}

// fit narrows the widest columns, a column of the terminal at a time, until a row
// fits or nothing more can go.
func fit(widths []int, limit int) {
	total := columnGap * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for ; total > limit; total-- {
		widest := 0
		for i, w := range widths {
			if w >= widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= minColumn {
			return
		}
		widths[widest]--
	}
}
