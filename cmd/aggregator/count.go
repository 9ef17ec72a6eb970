package main

import (
	"fmt"
	"sort"
	"strings"
)

// countLine says how the polls of n feeds ended: "12 feeds: 10 changed, 2 failed".
func countLine(outcomes map[string]int, n int) string {
	var parts []string
	for o, k := range outcomes {
		if o == "" {
			o = "not asked"
		}
		parts = append(parts, fmt.Sprintf("%d %s", k, o))
	}
	sort.Strings(parts)
	return fmt.Sprintf("%d feeds: %s", n, strings.Join(parts, ", "))
}
