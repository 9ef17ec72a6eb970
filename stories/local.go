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
	size := x.slots.families[x.slots.at(best.pos).story].size
	base := x.localBase(f.lang)
	var all, met, heads, headsMet, bits uint64
	var top, second uint8
	var headAll, headUnion uint64
	for i := range f.terms {
		t := &f.terms[i]
		hits := uint32(0)
		for _, j := range sample {
			if j.ev.met[i>>6]>>(i&63)&1 != 0 {
				hits++
			}
		}
		rare := f.apart[i]
		if hits > 0 {
			in := hits * size / uint32(len(sample))
			rare = rarityOf(base, f.seenIn[i]-min(in, f.seenIn[i]), f.known[i])
		}
		now := *t
		now.rarity = rare
		w := uint64(now.weight())
		all += w
		if ev.met[i>>6]>>(i&63)&1 != 0 {
			met += w
			bits += w
			if rare > top {
				top, second = rare, top
			} else if rare > second {
				second = rare
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
	r[byLocalTop] = int32(top) + int32(second)
	r[byLocalCover] = int32(share(met, all))
	r[byLocalHead] = int32(share(headsMet, heads))
	r[byUnionHead] = int32(share(headUnion, headAll))
	r[byBody] = int32(ev.body)
}

// localRarity fills in what local asks for of the entry being placed, whose terms
// stand in so many entries of the background.
func (x *Index) localRarity(f *features, dfs []uint32) {
	f.seenIn, f.known, f.apart = f.seenIn[:0], f.known[:0], f.apart[:0]
	base := x.localBase(f.lang)
	entries := uint64(x.rarity.known.of(f.lang) + prior)
	for i, df := range dfs {
		seen, known := x.rarity.window[f.terms[i].hash>>12], uint32(localPrior*uint64(df)<<8/entries)
		f.seenIn, f.known, f.apart = append(f.seenIn, seen), append(f.known, known), append(f.apart, rarityOf(base, seen, known))
	}
}

// localBase is the logarithm of the entries against which a word is rare.
func (x *Index) localBase(lang language) uint32 {
	entries := x.rarity.entries[lang]
	if lang == 0 {
		entries = x.rarity.total
	}
	return log2((entries + localPrior) << 8)
}

// rarityOf gives the rarity of a word that stands in so many entries of the
// window and, in 1/256, of localPrior entries of the background.
func rarityOf(base, entries, known uint32) uint8 {
	have := log2(entries<<8 + known + 1)
	return uint8(min(base-min(base, have), 255))
}
