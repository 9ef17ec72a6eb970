package store

import (
	"encoding/binary"
	"math"

	"go.etcd.io/bbolt"
)

// The buckets. docs/store.md says what each holds.
var (
	bucketMeta     = []byte("meta")
	bucketOutlets  = []byte("outlets")
	bucketFeeds    = []byte("feeds")
	bucketPolled   = []byte("polled")
	bucketPresent  = []byte("present")
	bucketHeads    = []byte("heads")
	bucketVersions = []byte("versions")
	bucketBlocks   = []byte("blocks")
	bucketNames    = []byte("names")
	bucketGone     = []byte("gone")
	// Dictionaries, with which heads and blocks are packed.
	bucketDictionaries = []byte("dictionaries")

	// What editors corrected: it outlives all that follows from the entries.
	bucketCorrections = []byte("corrections")

	// Derived: reindex builds these anew from the ones above.
	bucketPlaces    = []byte("places")
	bucketSketches  = []byte("sketches")
	bucketStories   = []byte("stories")
	bucketHistory   = []byte("history")
	bucketTimeline  = []byte("timeline")
	bucketRedirects = []byte("redirects")

	// What is to be told to others, and how far each has read it.
	bucketNews  = []byte("news")
	bucketMarks = []byte("marks")

	// What users did: nothing here follows from anything else.
	bucketUsers   = []byte("users")
	bucketTokens  = []byte("tokens")
	bucketReading = []byte("reading")

	// Only while a reindex is under way, and after one that was interrupted.
	bucketRebuild = []byte("rebuild") // the derived buckets' successors
	bucketFormer  = []byte("former")  // the derived buckets that were replaced

	buckets = [][]byte{bucketMeta, bucketOutlets, bucketFeeds, bucketPolled, bucketPresent, bucketHeads, bucketVersions,
		bucketBlocks, bucketDictionaries, bucketNames, bucketGone, bucketCorrections, bucketPlaces, bucketSketches, bucketStories, bucketHistory, bucketTimeline, bucketRedirects,
		bucketNews, bucketMarks, bucketUsers, bucketTokens, bucketReading}
)

// Keys of bucketMeta. Values are 8 bytes, big-endian, but for the last two.
var (
	metaSchema    = []byte("schema")
	metaLatest    = []byte("latest")     // the latest poll's time, see feeds.Appeared
	metaNextStory = []byte("next story") // stories.Index.NextStory
	metaLog       = []byte("log")        // Position, of a store that follows a log of polls
	metaClock     = []byte("clock")      // clockRow
	metaPollers   = []byte("pollers")    // []pollerRow, of a store that follows a log of polls
)

func key(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

func keyPair(id, n uint64) []byte { return binary.BigEndian.AppendUint64(key(id), n) }

func key32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func number(k []byte) uint64 {
	if len(k) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(k)
}

// second is the second number of a key of two.
func second(k []byte) uint64 { return number(k[min(8, len(k)):]) }

// keySizes are how long the keys of a bucket that verify walks are, in bytes.
var keySizes = map[string]int{"present": 4, "heads": 8, "versions": 16, "blocks": 8, "names": 16, "gone": 8, "places": 8, "sketches": 8, "stories": 8,
	"timeline": 16, "redirects": 8, "tokens": 32, "reading": 12}

// timelineKey orders stories newest first, and those of one second by the
// higher ID first.
func timelineKey(at int64, story uint64) []byte {
	return keyPair(^(uint64(at) ^ 1<<63), math.MaxUint64-story)
}

func timelinePlace(k []byte) (at int64, story uint64) {
	return int64(^number(k) ^ 1<<63), math.MaxUint64 - second(k)
}

// growing makes b a bucket whose keys are only ever appended: its pages are
// filled to the brim, where bbolt's default would leave each half empty.
func growing(b *bbolt.Bucket) *bbolt.Bucket {
	b.FillPercent = 1
	return b
}

func metaNumber(tx *bbolt.Tx, k []byte) uint64 { return number(tx.Bucket(bucketMeta).Get(k)) }

func putMetaNumber(tx *bbolt.Tx, k []byte, n uint64) error {
	return tx.Bucket(bucketMeta).Put(k, key(n))
}
