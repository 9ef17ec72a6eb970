// Command bench measures what the daemon costs beside the floor that it works
// against, in one run: bench/compare.sh builds and runs it.
//
//	bench farm     serves synthetic feeds on loopback
//	bench floor    fetches (and parses with gofeed) what a farm serves, nothing else
//	bench compare  runs a farm, the floor and the daemon, and prints the table
package main

import (
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{"farm": farm, "floor": floor, "compare": compare}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench farm|floor|compare [flags]")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
