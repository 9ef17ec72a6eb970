// Package stories decides which entries belong together and who published
// them first. It is pure: no I/O, no clock, no randomness, no map order and no
// floating point in a decision, so that the same entries in the same order give
// the same result on any machine.
//
// Two levels are kept apart. A copy is an entry whose text is another outlet's
// text. A story is the entries, across outlets, that report one event; copies
// sit inside it. (In the research literature on topic detection, "story" means
// ONE article; here it means the group.)
package stories
