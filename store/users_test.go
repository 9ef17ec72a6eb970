package store

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestUsersLogIn(t *testing.T) {
	ctx := context.Background()
	s, path := openTemp(t)
	const word, other = "correct horse battery", "staple staple staple"
	for _, c := range []struct {
		name, word string
		want       error
	}{
		{"Ada", word, nil}, {"ada", word, ErrUserExists}, {" ADA ", word, ErrUserExists}, {"", word, ErrBadName}, {"a/b", word, ErrBadName},
		{strings.Repeat("a", 65), word, ErrBadName}, {"eve", "1234567", ErrBadPassword}, {"eve", "\xff2345678", ErrBadPassword},
	} {
		if err := s.AddUser(ctx, c.name, c.word, noon); !errors.Is(err, c.want) {
			t.Errorf("adding %q: %v, want %v", c.name, err, c.want)
		}
	}
	login := func(name, word string) string {
		session, ok, err := s.Login(name, word)
		if err != nil || ok != (session != "") {
			t.Fatal(session, ok, err)
		}
		return session
	}
	first := login("ada", word)
	if first == "" || login("Ada", word) != first {
		t.Fatal("ada cannot log in, or gets another session each time")
	}
	if login("ada", other) != "" || login("ada", "") != "" || login("nobody", word) != "" {
		t.Error("logged in with a wrong password or name")
	}
	is := func(session, want string) {
		t.Helper()
		if user, _, err := s.Session(session); err != nil || user != want {
			t.Errorf("session %q is %q (%v), want %q", session, user, err, want)
		}
	}
	is(first, "ada")
	for _, bad := range []string{"", "ada", "ada/", "ada/AAAA", "bob" + first[3:], first + "A", first[:len(first)-2]} {
		is(bad, "")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(raw), word) || strings.Contains(string(raw), first[4:]) {
		t.Error("the file holds the password or the session", err)
	}
	s = openAt(t, path)
	is(first, "ada")
	if err := s.SetPassword(ctx, "ADA", other); err != nil {
		t.Fatal(err)
	}
	is(first, "")
	if login("ada", word) != "" {
		t.Error("the old password still opens")
	}
	is(login("ada", other), "ada")
	intact(t, s)
	if err := errors.Join(s.RemoveUser(ctx, "ada")); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveUser(ctx, "ada"); !errors.Is(err, ErrNoUser) {
		t.Error(err)
	}
	if login("ada", other) != "" {
		t.Error("a removed user logs in")
	}
}

func TestTokensActForTheirUser(t *testing.T) {
	ctx := context.Background()
	s, path := openTemp(t)
	for _, name := range []string{"ada", "bob"} {
		if err := s.AddUser(ctx, name, "long enough", noon); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.NewToken(ctx, "eve", "", noon); !errors.Is(err, ErrNoUser) {
		t.Error(err)
	}
	var secrets []string
	for _, user := range []string{"ada", "ada", "bob"} {
		secret, err := s.NewToken(ctx, user, "for "+user, noon)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, secret)
	}
	is := func(secret, want string) {
		t.Helper()
		if user, ok, err := s.TokenUser(secret); err != nil || user != want || ok != (want != "") {
			t.Errorf("token %q is of %q (%v), want %q", secret, user, err, want)
		}
	}
	users := func() []User {
		list, err := s.Users()
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	is(secrets[0], "ada")
	is(secrets[2], "bob")
	for _, bad := range []string{"", "agg_", secrets[0] + "x", strings.ToUpper(secrets[0])} {
		is(bad, "")
	}
	if list := users(); len(list) != 2 || len(list[0].Tokens) != 2 || list[1].Tokens[0].Label != "for bob" {
		t.Fatalf("%+v", list)
	}
	intact(t, s)
	bobs := users()[1].Tokens[0].ID
	if err := s.RevokeToken(ctx, bobs); err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeToken(ctx, bobs); !errors.Is(err, ErrNoToken) {
		t.Error(err)
	}
	is(secrets[2], "")
	is(secrets[1], "ada")
	if err := s.RemoveUser(ctx, "ada"); err != nil {
		t.Fatal(err)
	}
	is(secrets[1], "")
	intact(t, s)
	raw, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(raw), secrets[0]) {
		t.Error("the file holds a token", err)
	}
}
