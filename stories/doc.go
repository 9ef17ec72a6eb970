// Package stories decides which entries belong together and who published
// them first. It is pure: no I/O, no clock, no randomness, no map order and no
// floating point in a decision, so that the same entries in the same order give
// the same result on any machine.
//
// Two levels are kept apart. A copy is an entry whose text is another outlet's
// text. A story is the entries, across outlets, that report one event; copies
// sit inside it. (In the research literature on topic detection, "story" means
// ONE article; here it means the group.)
//
// # Why two entries are taken to report one event
//
// Observations. Two newsrooms' headlines of one event share as few as an eighth
// of their words, and two events of one kind (results of two companies, strikes
// in one war) often share more: no single likeness tells them apart. What a
// shared word says depends on how rare it is, in general and in these days;
// names and numbers say most, also by their absence from the other side. A
// story's members together know an event better than one member does.
//
// Rule. An entry is compared with the entries that share its rarest words. For
// each of at most six stories that these belong to, a regard is drawn up: some
// forty whole numbers that speak for or against (see the by... constants). The
// model makes points of it: half comes from a weighted sum, half from small
// decision trees, both fitted on labelled entries as they really arrive. From 0
// points on the entry joins the story that has most; a second story with
// 1.6 points is shown to be the same one, and the two merge (0.4 points if one of them
// has a single entry, 1 if two). A shared name alone is never enough, and neither is a
// shared frame of words: reports of one event share a name or a number, and headlines
// alone that differ in nothing but names report two. Names that only
// one headline has, and numbers that differ, weigh more than was fitted: a false merge
// claims a corroboration that is not there, and is worse than a missed one.
//
// Copies are decided before, and by the text alone: how much of the shorter one
// stands in the other, or an equal distinctive headline within three days.
// An entry that holds texts of which one has nothing in common with the others is a
// collage: it makes neither copies nor one story of them.
// What an outlet prints again and again is known by the shape of its headlines,
// which recurs; there is no list of such headings.
//
// Known exceptions. Explainers, share prices and analyses that follow an event
// are joined with it; two market reports that use one frame of words and name one
// market are, too.
// Languages are never mixed; in those that the background table does not know,
// rarity is learned in the window alone.
//
// Figures. docs/accuracy.md has them, also for stories and for kinds of
// collections that the model was not fitted on.
package stories
