package serve

import "net/http"

const (
	maxAddress = 4 << 10 // bytes of a request's path and query
	maxBody    = 1 << 20 // bytes of a request's body
)

// guard adds what every answer has: the security headers, and limits on what is
// asked. The limits on time are the http.Server's.
func guard(next http.Handler) http.Handler {
	// Browsers of other sites may read (GET), but not have anything changed.
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if len(r.RequestURI) > maxAddress {
			writeProblem(w, r, problem{Status: http.StatusRequestURITooLong, Detail: "the address is too long"})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
