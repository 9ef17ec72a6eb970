package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mmcdole/gofeed"
)

// floor fetches every feed of a farm with a bare client; with -mode parse it
// parses each with gofeed too, with -mode 304 it fetches once and then measures
// conditional rounds, each with new connections with -mode 304new; with -mode json it counts the bytes of the entries as
// gofeed's JSON. It prints its CPU seconds, for one round, as JSON.
func floor(args []string) error {
	fs := flag.NewFlagSet("floor", flag.ExitOnError)
	mode := fs.String("mode", "fetch", "fetch|parse|304|304new|json")
	list := fs.String("list", "http://127.0.0.1:9000/urls", "address of the list of feeds")
	conditionals := fs.Int("rounds", 5, "how many conditional rounds to measure")
	every := fs.Duration("every", 0, "between two of them, which come in the middle of such times; 0: one right after the other")
	_ = fs.Parse(args)
	body, _, err := get(*list, "")
	if err != nil {
		return err
	}
	urls := strings.Fields(string(body))
	etags := make([]string, len(urls))
	var bytesOfJSON atomic.Int64
	conditional := strings.HasPrefix(*mode, "304")
	round := func() error {
		return each(urls, func(i int, u string) error {
			body, etag, err := get(u, etags[i])
			if err != nil || conditional {
				etags[i] = etag
				return err
			}
			if *mode == "fetch" {
				return nil
			}
			f, err := gofeed.NewParser().Parse(bytes.NewReader(body))
			if err != nil || *mode == "parse" {
				return err
			}
			for _, it := range f.Items {
				it.Extensions, it.DublinCoreExt, it.PublishedParsed, it.UpdatedParsed, it.Author, it.Links = nil, nil, nil, nil, nil, nil // said elsewhere in it
				b, err := json.Marshal(it)
				if err != nil {
					return err
				}
				bytesOfJSON.Add(int64(len(b)))
			}
			return nil
		})
	}
	rounds := 1
	if conditional {
		if err := round(); err != nil {
			return err
		}
		rounds = *conditionals
	}
	before := cpu()
	for range rounds {
		if *every > 0 { // a daemon's rounds come at their ends
			time.Sleep(*every - time.Duration(time.Now().UnixNano()+int64(*every/2))%*every)
		}
		if *mode == "304new" {
			client.CloseIdleConnections()
		}
		if err := round(); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"mode": *mode, "cpu": (cpu() - before).Seconds() / float64(rounds), "bytes": bytesOfJSON.Load()})
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 4}, Timeout: time.Minute}

func get(url, etag string) ([]byte, string, error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return nil, "", fmt.Errorf("%s answered %s", url, resp.Status)
	}
	body, err := io.ReadAll(resp.Body)
	return body, resp.Header.Get("ETag"), err
}

// each calls f for every URL from 16 workers and returns the first error.
func each(urls []string, f func(int, string) error) error {
	next, failed := make(chan int), make(chan error, len(urls))
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for i := range next {
				if err := f(i, urls[i]); err != nil {
					failed <- err
				}
			}
		})
	}
	for i := range urls {
		next <- i
	}
	close(next)
	workers.Wait()
	close(failed)
	return <-failed
}

// cpu is what this process has used, user and system.
func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
