package stories

// localPrior is how many entries of the background count beside those of the
// window when it is asked how common a word is just now.
const localPrior = 1000

// local fills in the regards that the trees ask for. The shared words are also
// weighed by how rare they are in the window outside this story: in the week of
// a war its names tell little, and what one story alone has tells much.
func (x *Index) local(r *regard, f *features, best *judged, sample []*judged) {
	ev := &best.ev
	r[byWords] = int32(min(ev.words, 40))
	r[byHeadRuns] = int32(ev.heads)
	if ev.compared >= 4 {
		r[byRuns] = int32(ev.runs)
	}
	r[byFront] = int32(ev.front)
	r[byCoverMin], r[byCoverMax] = int32(min(ev.cover, ev.covered)), int32(max(ev.cover, ev.covered))
	if f.length == 0 && best.f.length == 0 {
		r[byBare] = 1
	}
	if f.length == 0 || best.f.length == 0 {
		r[byHeadless] = 1
	}
	r[byNameHits] = int32(min(ev.nameHits, 8))
	r[byThird] = int32(ev.third)
	size := x.slots.families[x.slots.list[best.pos].story].size
	n := x.rarity.entries[f.lang]
	bg := x.rarity.known.entries[f.lang] + prior
	var all, met, heads, headsMet, bits uint64
	var lt, ls uint32
	var headAll, headUnion uint64
	for i := range f.terms {
		t := &f.terms[i]
		hits := uint32(0)
		for _, j := range sample {
			if j.ev.met[i>>6]>>(i&63)&1 != 0 {
				hits++
			}
		}
		in := hits * size / uint32(len(sample))
		out := f.seenIn[i] - min(in, f.seenIn[i])
		num := log2((n + localPrior) << 8)
		den := log2(out<<8 + uint32(uint64(localPrior)*uint64(f.known[i])<<8/uint64(bg)) + 1)
		loc := min(num-min(num, den), 255)
		lt1 := *t
		lt1.rarity = uint8(loc)
		w := uint64(lt1.weight())
		all += w
		bm := ev.met[i>>6]>>(i&63)&1 != 0
		if bm {
			met += w
			bits += w
			if loc > lt {
				lt, ls = loc, lt
			} else if loc > ls {
				ls = loc
			}
		}
		if t.flags&flagTitle != 0 {
			heads += w
			headAll += uint64(t.weight())
			if hits > 0 {
				headUnion += uint64(t.weight())
				headsMet += w
			}
		}
	}
	r[byLocalBits] = int32(log2(uint32(min(bits, 1<<31)) + 1))
	r[byLocalTop] = int32(lt + ls)
	r[byLocalCover] = int32(share(met, all))
	r[byLocalHead] = int32(share(headsMet, heads))
	r[byUnionHead] = int32(share(headUnion, headAll))
}
