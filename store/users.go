package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// User is one person who reads here. A user's marks (see MarkRead) and tokens are
// removed with it.
type User struct {
	Name    string
	Created time.Time
	Tokens  []Token
}

// Token is what a program shows in order to change something in a user's name.
// The secret itself is not kept.
type Token struct {
	ID      string // names it, and opens nothing
	Label   string
	Created time.Time
}

// Mistakes of the one who asks, not of the store.
var (
	ErrNoUser     = errors.New("there is no such user")
	ErrUserExists = errors.New("there is a user of that name already")
	ErrNoToken    = errors.New("there is no such token")
	ErrBadName    = errors.New("a user's name has 1 to 64 of the characters a-z 0-9 . _ - @")
	ErrBadLabel   = errors.New("a token's label has at most 100 characters")
)

// userRow is a record of bucketUsers.
type userRow struct {
	Number   uint32   `cbor:"1,keyasint"`
	Created  instant  `cbor:"2,keyasint"`
	Password password `cbor:"3,keyasint"`
}

// tokenRow is a record of bucketTokens.
type tokenRow struct {
	User    string  `cbor:"1,keyasint"`
	Label   string  `cbor:"2,keyasint,omitempty"`
	Created instant `cbor:"3,keyasint"`
}

var goodName = regexp.MustCompile(`^[a-z0-9._@-]{1,64}$`)

// userKey is a name as it is kept: telephones begin every field with a capital.
func userKey(name string) []byte { return []byte(strings.ToLower(strings.TrimSpace(name))) }

func readUser(users *bbolt.Bucket, name string) (*userRow, error) {
	v := users.Get(userKey(name))
	if v == nil {
		return nil, nil
	}
	var row userRow
	if err := decode(v, &row); err != nil {
		return nil, fmt.Errorf("user %s: %w", name, err)
	}
	return &row, nil
}

// AddUser makes a user. It fails with ErrUserExists, ErrBadName or ErrBadPassword.
func (s *Store) AddUser(ctx context.Context, name, word string, at time.Time) error {
	if !goodName.Match(userKey(name)) {
		return ErrBadName
	}
	p, err := s.newPassword(word)
	if err != nil {
		return err
	}
	exists := false
	err = s.do(ctx, func(b *batch) error {
		users := b.tx.Bucket(bucketUsers)
		if exists = users.Get(userKey(name)) != nil; exists {
			return nil
		}
		n, err := users.NextSequence()
		if err != nil {
			return err
		}
		return users.Put(userKey(name), encode(&userRow{Number: uint32(n), Created: toInstant(at), Password: p}))
	})
	if err == nil && exists {
		err = ErrUserExists
	}
	return err
}

// SetPassword gives a user another password; every session begun with the one
// before ends. Tokens stay. It fails with ErrNoUser or ErrBadPassword.
func (s *Store) SetPassword(ctx context.Context, name, word string) error {
	p, err := s.newPassword(word)
	if err != nil {
		return err
	}
	return s.changeUser(ctx, name, func(b *batch, row *userRow) error {
		row.Password = p
		return b.tx.Bucket(bucketUsers).Put(userKey(name), encode(row))
	})
}

// RemoveUser removes a user with its tokens and marks. It fails with ErrNoUser.
func (s *Store) RemoveUser(ctx context.Context, name string) error {
	return s.changeUser(ctx, name, func(b *batch, row *userRow) error {
		tokens := b.tx.Bucket(bucketTokens)
		ids, err := tokensOf(tokens, string(userKey(name)))
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := tokens.Delete(id); err != nil {
				return err
			}
		}
		if err := b.forgetUser(row.Number); err != nil {
			return err
		}
		return b.tx.Bucket(bucketUsers).Delete(userKey(name))
	})
}

// changeUser has the writing goroutine change a user that exists.
func (s *Store) changeUser(ctx context.Context, name string, change func(*batch, *userRow) error) error {
	missing := false
	err := s.do(ctx, func(b *batch) error {
		row, err := readUser(b.tx.Bucket(bucketUsers), name)
		if missing = err == nil && row == nil; missing || err != nil {
			return err
		}
		return change(b, row)
	})
	if err == nil && missing {
		err = ErrNoUser
	}
	return err
}

// Users lists the users by name, with their tokens, the oldest first.
func (s *Store) Users() (list []User, err error) {
	err = s.view(func(r *reader) error {
		users, tokens := r.tx.Bucket(bucketUsers), r.tx.Bucket(bucketTokens)
		at := map[string]int{}
		err := users.ForEach(func(k, v []byte) error {
			var row userRow
			at[string(k)] = len(list)
			if err := decode(v, &row); err != nil {
				return fmt.Errorf("user %s: %w", k, err)
			}
			list = append(list, User{Name: string(k), Created: row.Created.time()})
			return nil
		})
		if err != nil {
			return err
		}
		return tokens.ForEach(func(k, v []byte) error {
			var row tokenRow
			if err := decode(v, &row); err != nil {
				return fmt.Errorf("token: %w", err)
			}
			if i, ok := at[row.User]; ok {
				list[i].Tokens = append(list[i].Tokens, Token{ID: tokenID(k), Label: row.Label, Created: row.Created.time()})
			}
			return nil
		})
	})
	for i := range list {
		slices.SortFunc(list[i].Tokens, func(a, b Token) int {
			return 2*a.Created.Compare(b.Created) + strings.Compare(a.ID, b.ID)
		})
	}
	return list, err
}

// A token is 32 random bytes, so that an ordinary hash of it tells nothing; its
// prefix lets people and scanners see what it is.
const tokenPrefix = "agg_"

func tokenKey(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func tokenID(key []byte) string { return hex.EncodeToString(key[:min(6, len(key))]) }

// NewToken makes a token for a user and returns its secret, which is shown once
// and not kept. It fails with ErrNoUser or ErrBadLabel.
func (s *Store) NewToken(ctx context.Context, user, label string, at time.Time) (secret string, err error) {
	if len([]rune(label)) > 100 {
		return "", ErrBadLabel
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // it never fails: the program ends instead
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(random[:])
	err = s.changeUser(ctx, user, func(b *batch, _ *userRow) error {
		row := tokenRow{User: string(userKey(user)), Label: label, Created: toInstant(at)}
		return b.tx.Bucket(bucketTokens).Put(tokenKey(secret), encode(&row))
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// RevokeToken makes a token worthless. It fails with ErrNoToken.
func (s *Store) RevokeToken(ctx context.Context, id string) error {
	found := false
	err := s.do(ctx, func(b *batch) error {
		found = false
		tokens := b.tx.Bucket(bucketTokens)
		c := tokens.Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			if tokenID(k) == id {
				found = true
				return tokens.Delete(slices.Clone(k))
			}
		}
		return nil
	})
	if err == nil && !found {
		err = ErrNoToken
	}
	return err
}

// TokenUser gives the user in whose name a token's secret acts; false when there
// is no such token (any more). A secret is found by its hash, so that the time
// this takes tells nothing of other secrets.
func (s *Store) TokenUser(secret string) (user string, ok bool, err error) {
	if !strings.HasPrefix(secret, tokenPrefix) || len(secret) > 100 {
		return "", false, nil
	}
	err = s.view(func(r *reader) error {
		v := r.tx.Bucket(bucketTokens).Get(tokenKey(secret))
		if v == nil {
			return nil
		}
		var row tokenRow
		if err := decode(v, &row); err != nil {
			return fmt.Errorf("token: %w", err)
		}
		user, ok = row.User, true
		return nil
	})
	return user, ok, err
}

func tokensOf(tokens *bbolt.Bucket, user string) (ids [][]byte, err error) {
	err = tokens.ForEach(func(k, v []byte) error {
		var row tokenRow
		if err := decode(v, &row); err != nil {
			return fmt.Errorf("token: %w", err)
		}
		if row.User == user {
			ids = append(ids, slices.Clone(k))
		}
		return nil
	})
	return ids, err
}
