package serve

import "net/http"

const (
	maxAddress = 4 << 10 // bytes of a request's path and query
	maxBody    = 1 << 20 // bytes of a request's body
)

// The headers of everything that a browser shows as a page. It may do nothing
// but what our own page needs: no inline script or style, nothing from elsewhere.
var securityHeaders = http.Header{
	"Content-Security-Policy": {"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	"X-Content-Type-Options":     {"nosniff"},
	"Referrer-Policy":            {"no-referrer"},
	"Cross-Origin-Opener-Policy": {"same-origin"},
	"Permissions-Policy":         {"camera=(), geolocation=(), microphone=()"},
}

func secure(h http.Header) {
	for name, values := range securityHeaders {
		h[name] = values
	}
}

// guard limits what is asked. The limits on time are the http.Server's.
func (s *server) guard(next http.Handler) http.Handler {
	// Browsers of other sites may read (GET), but not have anything changed.
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.RequestURI) > maxAddress {
			s.writeProblem(w, r, problem{Status: http.StatusRequestURITooLong, Detail: "the address is too long"})
			return
		}
		if r.ContentLength != 0 { // nothing that is served reads a body
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		next.ServeHTTP(w, r)
	})
}
