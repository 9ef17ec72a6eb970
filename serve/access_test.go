package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestChangingNeedsAToken(t *testing.T) {
	s := &server{Options: Options{Log: slog.New(slog.DiscardHandler), TokenUser: func(secret string) (string, bool, error) {
		if secret == "broken" {
			return "", false, errors.New("disk")
		}
		return "ada", secret == "good", nil
	}}}
	over := func(network string) context.Context {
		return context.WithValue(context.Background(), http.LocalAddrContextKey, net.Addr(&net.UnixAddr{Name: "x", Net: network}))
	}
	for _, c := range []struct {
		name, header string
		ctx          context.Context
		status       int
		user         string
	}{
		{"no token", "", over("tcp"), 401, ""},
		{"good token", "Bearer good", over("tcp"), 200, "ada"},
		{"scheme in lower case", "bearer good", over("tcp"), 200, "ada"},
		{"wrong token", "Bearer bad", over("tcp"), 401, ""},
		{"no scheme", "good", over("tcp"), 401, ""},
		{"other scheme", "Basic good", over("tcp"), 401, ""},
		{"empty token", "Bearer ", over("tcp"), 401, ""},
		{"store fails", "Bearer broken", over("tcp"), 500, ""},
		{"the socket", "", over("unix"), 200, ""},
		{"no address known", "", context.Background(), 401, ""},
	} {
		called, user := false, ""
		h := s.changing(func(w http.ResponseWriter, r *http.Request, u string) { called, user = true, u })
		r := httptest.NewRequest("POST", "/api/v1/anything", nil).WithContext(c.ctx)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		w := httptest.NewRecorder()
		h(w, r)
		if w.Code != c.status || called != (c.status == 200) || user != c.user {
			t.Errorf("%s: %d, called %t for %q, want %d for %q", c.name, w.Code, called, user, c.status, c.user)
		}
		if c.status == 401 && (!strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") || w.Header().Get("Content-Type") != "application/problem+json") {
			t.Errorf("%s: headers %v", c.name, w.Header())
		}
	}
}
