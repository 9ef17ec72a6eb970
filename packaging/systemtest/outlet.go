// Command outlet is a news outlet for the system test: a feed whose articles are as
// many as it was asked for, so that what a poll brought is seen by its number. It
// keeps the count over its own restarts, counts nothing for requests without the
// secret, and says on standard output what was asked.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
)

func main() {
	var mu sync.Mutex
	asked := 0
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") != os.Getenv("SECRET") {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		asked++
		fmt.Printf("asked %d %s\n", asked, r.URL.Path)
		fmt.Fprint(w, `<rss version="2.0"><channel><title>Outlet</title>`)
		for i := asked; i > 0 && i > asked-50; i-- {
			fmt.Fprintf(w, `<item><guid isPermaLink="false">%[2]s-%[1]d</guid><title>Bulletin %[1]d of %[2]s</title><link>https://outlet.example%[2]s/%[1]d</link></item>`, i, r.URL.Path)
		}
		fmt.Fprint(w, `</channel></rss>`)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:9000", nil))
}
