//go:build race

package parse

// underRace: the race detector makes everything some ten times slower.
const underRace = true
