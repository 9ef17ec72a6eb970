// Package foreign reads what other feed readers export: entries, and which of
// them were read and starred. docs/migrating.md says how the exports are made.
package foreign

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Item is an entry as another reader kept it.
type Item struct {
	Feed      string    `json:"feed"`             // the feed's address
	Outlet    string    `json:"outlet,omitempty"` // whose feed it is; not the readers' to say
	GUID      string    `json:"guid,omitempty"`   // empty where the export leaves it out
	URL       string    `json:"url,omitempty"`
	Title     string    `json:"title,omitempty"` // may have entities
	Author    string    `json:"author,omitempty"`
	Content   string    `json:"content,omitempty"` // HTML
	Published time.Time `json:"published,omitzero"`
	Read      bool      `json:"read,omitempty"`
	Starred   bool      `json:"starred,omitempty"`
}

// Reader is a program that exports.
type Reader string

const (
	Miniflux Reader = "miniflux" // answers of GET /v1/entries
	FreshRSS Reader = "freshrss" // the export's JSON files, or its zip
	Newsboat Reader = "newsboat" // rows of rss_item as sqlite3 -json writes them
)

// Readers are those whose exports are read.
var Readers = []Reader{Miniflux, FreshRSS, Newsboat}

const (
	// maxItem is how large one item of an export may be, in bytes.
	maxItem = 32 << 20
	// maxZip is how large a zip may be, packed, and how large all of it unpacked.
	maxZip, maxUnpacked = 1 << 30, 8 << 30
)

// Read calls each for every item of an export, in its order; several exports may
// follow each other in r. It ends at the first error: each's, or one that says
// what is wrong with the export and after how many items. Items without a feed, or
// without both address and title, are left out and counted.
func Read(from Reader, r io.Reader, each func(Item) error) (left int, err error) {
	var decode func(json.RawMessage) (Item, error)
	key := ""
	switch from {
	case Miniflux:
		decode, key = minifluxItem, "entries"
	case FreshRSS:
		decode, key = freshRSSItem, "items"
	case Newsboat:
		decode = newsboatItem
	default:
		return 0, fmt.Errorf("exports of %q are not known", from)
	}
	b := bufio.NewReaderSize(r, 64<<10)
	if start, _ := b.Peek(4); from == FreshRSS && bytes.Equal(start, []byte("PK\x03\x04")) {
		return readZip(b, each)
	}
	n := 0
	err = elements(b, key, func(raw json.RawMessage) error {
		n++
		it, err := decode(raw)
		if err != nil {
			return fmt.Errorf("item %d: %w", n, err)
		}
		if it.Feed == "" || it.URL == "" && it.Title == "" {
			left++
			return nil
		}
		return each(it)
	})
	return left, err
}

// readZip reads the JSON files of a zip.
func readZip(r io.Reader, each func(Item) error) (left int, err error) {
	data, err := io.ReadAll(io.LimitReader(r, maxZip+1))
	if err == nil && len(data) > maxZip {
		err = errors.New("the zip is larger than 1 GB: unpack it and import its JSON files")
	}
	if err != nil {
		return 0, err
	}
	files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return 0, fmt.Errorf("the zip cannot be read: %w", err)
	}
	found, room := false, int64(maxUnpacked)
	for _, f := range files.File {
		if !strings.HasSuffix(f.Name, ".json") {
			continue
		}
		found = true
		in, err := f.Open()
		if err != nil {
			return left, fmt.Errorf("%s: %w", f.Name, err)
		}
		limited := &io.LimitedReader{R: in, N: room}
		n, err := Read(FreshRSS, struct{ io.Reader }{limited}, each)
		left, room = left+n, limited.N
		if room == 0 {
			err = errors.New("the zip holds more than 8 GB")
		}
		if err = errors.Join(err, in.Close()); err != nil {
			return left, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if !found {
		return left, errors.New("the zip holds no JSON file")
	}
	return left, nil
}

// elements calls f for every element of the arrays in r: arrays themselves, or
// those that objects hold under key.
func elements(r io.Reader, key string, f func(json.RawMessage) error) error {
	limited := &io.LimitedReader{R: r, N: maxItem}
	d := json.NewDecoder(limited)
	array := func() error {
		for d.More() {
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return broken(err, limited)
			}
			limited.N = maxItem
			if err := f(raw); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	for {
		t, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && limited.N > 0:
			return nil
		case err != nil:
			return broken(err, limited)
		case t == json.Delim('['):
			err = array()
		case t != json.Delim('{') || key == "":
			return errors.New("this is not such an export: it should begin with [ or {")
		default:
			for err == nil && d.More() {
				if t, err = d.Token(); err != nil {
					break
				}
				name, _ := t.(string)
				if t, err = d.Token(); err != nil {
					break
				}
				open, nested := t.(json.Delim)
				switch {
				case name == key && t == json.Delim('['):
					err = array()
				case nested:
					err = skip(d, open)
				}
			}
			if err == nil {
				_, err = d.Token()
			}
		}
		if err != nil {
			return broken(err, limited)
		}
	}
}

// skip reads to the end of an array or object.
func skip(d *json.Decoder, _ json.Delim) error {
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
	}
	return nil
}

func broken(err error, limited *io.LimitedReader) error {
	var syntax *json.SyntaxError
	switch {
	case limited.N == 0:
		return errors.New("an item is larger than 32 MB")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the export is cut short")
	case errors.As(err, &syntax):
		return fmt.Errorf("the export is no JSON: %w", err)
	}
	return err
}

// minifluxItem reads one of "entries" (miniflux.app/docs/api.html).
func minifluxItem(raw json.RawMessage) (Item, error) {
	var e struct {
		Title, URL, Author, Content, Status string
		Published                           time.Time `json:"published_at"`
		Starred                             bool
		Feed                                struct {
			URL string `json:"feed_url"`
		}
	}
	err := json.Unmarshal(raw, &e)
	// Its hash is of the entry's guid, which it does not keep.
	return Item{Feed: e.Feed.URL, URL: e.URL, Title: e.Title, Author: e.Author, Content: e.Content, Published: e.Published.UTC(),
		Read: e.Status == "read", Starred: e.Starred}, err
}

// freshRSSItem reads one of "items": the Google Reader format with FreshRSS's
// additions (guid, origin.feedUrl). In earlier versions the guid was the id,
// streamId a number, and the feed's address had entities.
func freshRSSItem(raw json.RawMessage) (Item, error) {
	type text struct{ Content string }
	var e struct {
		ID, GUID         string
		Title, Author    string
		Published        int64
		Alternate        []struct{ Href string }
		Canonical        []struct{ Href string }
		Content, Summary text
		Categories       []string
		Origin           struct {
			FeedURL  string
			StreamID any
		}
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return Item{}, err
	}
	if e.GUID == "" && !strings.HasPrefix(e.ID, "tag:google.com,2005:reader/item/") {
		e.GUID = e.ID
	}
	it := Item{Feed: strings.ReplaceAll(e.Origin.FeedURL, "&amp;", "&"), GUID: e.GUID, Title: e.Title, Author: e.Author, Content: e.Content.Content, Published: seconds(e.Published),
		Read: slices.Contains(e.Categories, "user/-/state/com.google/read"), Starred: slices.Contains(e.Categories, "user/-/state/com.google/starred")}
	if it.Content == "" {
		it.Content = e.Summary.Content
	}
	if stream, _ := e.Origin.StreamID.(string); it.Feed == "" && strings.Contains(stream, "://") {
		it.Feed = strings.TrimPrefix(stream, "feed/")
	}
	for _, l := range append(e.Alternate, e.Canonical...) {
		if it.URL == "" {
			it.URL = l.Href
		}
	}
	return it, nil
}

// newsboatItem reads a row of rss_item.
func newsboatItem(raw json.RawMessage) (Item, error) {
	var e struct {
		GUID, Title, Author, URL, FeedURL, Content string
		PubDate                                    int64
		Unread                                     *int
		Flags                                      *string
	}
	err := json.Unmarshal(raw, &e)
	return Item{Feed: e.FeedURL, GUID: e.GUID, URL: e.URL, Title: e.Title, Author: e.Author, Content: e.Content, Published: seconds(e.PubDate),
		Read: e.Unread != nil && *e.Unread == 0, Starred: e.Flags != nil && *e.Flags != ""}, err
}

func seconds(n int64) time.Time {
	if n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
