package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"aggregator/serve"
	"aggregator/store"
)

// usersPath is where the command line reads and changes users: on the unix
// socket alone, so that no token and no mistake opens it to the network.
const usersPath = "/local/users"

// userOrder is what the command line wants done.
type userOrder struct {
	Do       string `json:"do"` // add, password, remove, token, revoke
	Name     string `json:"name"`
	Password string `json:"password,omitempty"`
	Label    string `json:"label,omitempty"`
}

type userOrdered struct {
	Token string `json:"token,omitempty"` // the secret of a new one
}

// withUsers answers for usersPath at the socket, and leaves all else to next.
func withUsers(st *store.Store, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != usersPath || !serve.Local(r) {
			next.ServeHTTP(w, r)
			return
		}
		var answer any
		var err error
		if r.Method == http.MethodPost {
			answer, err = orderUsers(r.Context(), st, io.LimitReader(r.Body, 1<<16))
		} else {
			var users []store.User
			users, err = st.Users()
			answer = toUsersAnswer(users)
		}
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			answer = struct {
				Detail string `json:"detail"`
			}{err.Error()}
			w.WriteHeader(http.StatusBadRequest)
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
}

func orderUsers(ctx context.Context, st *store.Store, body io.Reader) (done userOrdered, err error) {
	var o userOrder
	if err := json.NewDecoder(body).Decode(&o); err != nil {
		return done, err
	}
	switch o.Do {
	case "add":
		err = st.AddUser(ctx, o.Name, o.Password, time.Now())
	case "password":
		err = st.SetPassword(ctx, o.Name, o.Password)
	case "remove":
		err = st.RemoveUser(ctx, o.Name)
	case "token":
		done.Token, err = st.NewToken(ctx, o.Name, o.Label, time.Now())
	case "revoke":
		err = st.RevokeToken(ctx, o.Name)
	default:
		err = errors.New("the daemon is of another version than this command; use the same")
	}
	return done, err
}
