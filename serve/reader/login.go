package reader

import (
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// session is the one who asks.
type session struct {
	user   string
	secret string // what Users.Login gave
}

// answerer answers a user. The error goes to the client.
type answerer func(w http.ResponseWriter, r *http.Request, s session) error

// login exchanges name and password for the session that all further requests
// show (the ClientLogin of Google's accounts).
func (h *handler) login(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		h.fail(w, r, err)
		return
	}
	// A password takes time and memory to check: few at a time, and not often from
	// one address.
	select {
	case h.trying <- struct{}{}:
		defer func() { <-h.trying }()
	default:
		w.Header().Set("Retry-After", "5")
		h.fail(w, r, refused(http.StatusTooManyRequests, "too many logins at once; try again in a few seconds"))
		return
	}
	if !h.MayTry(r) {
		w.Header().Set("Retry-After", "60")
		h.fail(w, r, refused(http.StatusTooManyRequests, "too many logins from your address; try again in a minute"))
		return
	}
	secret, ok, err := h.users.Login(r.PostForm.Get("Email"), r.PostForm.Get("Passwd"))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if !ok {
		// Not the name: people type passwords there too.
		h.Log.Warn("a feed reader's login failed", "address", r.RemoteAddr)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte("Error=BadAuthentication\n"))
		return
	}
	if r.Form.Get("output") == "json" {
		writeJSON(w, map[string]string{"SID": secret, "LSID": "null", "Auth": secret})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "SID=%s\nLSID=null\nAuth=%s\n", secret, secret)
}

// withUser lets only those through who show a session ("Authorization:
// GoogleLogin auth=..."). That header is the only thing that opens, and no
// browser adds it by itself, so that no other site can act for a user.
func (h *handler) withUser(next answerer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := h.sessionOf(r)
		if err == nil {
			err = readForm(r)
		}
		if err == nil && r.Method == http.MethodPost {
			err = s.checkToken(w, r.Form.Get("T"))
		}
		if err == nil {
			w.Header().Set("Cache-Control", "private, no-store")
			err = next(w, r, s)
		}
		if err != nil {
			h.fail(w, r, err)
		}
	})
}

func (h *handler) sessionOf(r *http.Request) (session, error) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	name, secret, _ := strings.Cut(strings.TrimSpace(rest), "=")
	if !strings.EqualFold(scheme, "GoogleLogin") || !strings.EqualFold(name, "auth") {
		return session{}, refused(http.StatusUnauthorized, "log in at /accounts/ClientLogin and send what it gives: Authorization: GoogleLogin auth=...")
	}
	user, ok, err := h.users.Session(secret)
	if err == nil && !ok {
		err = refused(http.StatusUnauthorized, "this session is over: log in again")
	}
	return session{user, secret}, err
}

// token is what a change must repeat. It follows from the session, which alone
// opens; it is there because readers ask for it. 57 characters, as Google's had.
func (s session) token() string {
	sum := sha512.Sum512([]byte("edit token of " + s.secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:57]
}

// checkToken refuses a token that is not the session's. Some readers send none,
// some send "x", as FreshRSS lets them, and some the session itself, as Miniflux
// wants it.
func (s session) checkToken(w http.ResponseWriter, token string) error {
	token = strings.TrimSpace(token)
	for _, good := range []string{"", "x", s.token(), s.secret} {
		if subtle.ConstantTimeCompare([]byte(token), []byte(good)) == 1 {
			return nil
		}
	}
	w.Header().Set("X-Reader-Google-Bad-Token", "true")
	return refused(http.StatusUnauthorized, "the token T is not this session's: ask /reader/api/0/token for it")
}

func (h *handler) editToken(w http.ResponseWriter, _ *http.Request, s session) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(s.token()))
	return nil
}

// readForm reads the parameters of address and body together; what comes without
// a type is taken for a form. How long both may be, the server limits.
func readForm(r *http.Request) error {
	if r.Method == http.MethodPost && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if err := r.ParseForm(); err != nil {
		return badRequest("the parameters cannot be read: %v", err)
	}
	return nil
}
