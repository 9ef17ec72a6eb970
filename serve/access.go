package serve

import (
	"net"
	"net/http"
	"strings"
)

// Local reports whether a request came over the unix socket beside the store (or
// from this process, which says so in the same place). Who may open the socket
// may open the store: its mode is the authority, and no token is asked for.
func Local(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && addr.Network() == "unix"
}

// mayChange says in whose name a request may change something: the user of its
// bearer token (RFC 6750, section 2.1), or "" for the operator at the socket. The
// error is a problem for the client. Reading needs no token.
func (s *server) mayChange(r *http.Request) (user string, err error) {
	if Local(r) {
		return "", nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token == "" || !strings.EqualFold(scheme, "Bearer") || s.TokenUser == nil {
		return "", problem{Status: http.StatusUnauthorized, Detail: "changing anything needs a token: make one with `aggregator users token NAME`, and send it as Authorization: Bearer TOKEN"}
	}
	user, ok, err := s.TokenUser(strings.TrimSpace(token))
	if err == nil && !ok {
		err = problem{Status: http.StatusUnauthorized, Detail: "this token is not valid (any more)"}
	}
	return user, err
}

// changing guards a handler that changes something: it is called only for those
// who may.
func (s *server) changing(next func(w http.ResponseWriter, r *http.Request, user string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, err := s.mayChange(r)
		if err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer realm="aggregator"`)
			s.fail(w, r, err)
			return
		}
		next(w, r, user)
	}
}
