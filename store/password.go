package store

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// What argon2id (RFC 9106) is asked to do for a new password: OWASP's first
// choice for servers, 19 MiB, two passes, one thread. What an older password was
// made with stands beside it.
const (
	argonPasses = 2
	argonMemory = 19 << 10 // KiB
)

// ErrBadPassword is a password that is too short or too long.
var ErrBadPassword = errors.New("a password has 8 to 1000 characters")

// password is what is kept of one: not argon2id's result but that result's hash.
// The result itself is the session that Login hands out: it can be checked at
// each request without argon2id's cost, nothing in the file lets anybody make
// it, and it ends with the password.
type password struct {
	Salt     []byte `cbor:"1,keyasint"`
	Passes   uint32 `cbor:"2,keyasint"`
	Memory   uint32 `cbor:"3,keyasint"` // KiB
	Verifier []byte `cbor:"4,keyasint"` // SHA-256 of the session
}

// derive computes argon2id, one at a time: each takes its memory.
func (s *Store) derive(word string, p *password) []byte {
	s.hashing.Lock()
	defer s.hashing.Unlock()
	return argon2.IDKey([]byte(word), p.Salt, p.Passes, p.Memory, 1, 32)
}

func (s *Store) newPassword(word string) (password, error) {
	if n := utf8.RuneCountInString(word); n < 8 || n > 1000 || !utf8.ValidString(word) {
		return password{}, ErrBadPassword
	}
	p := password{Salt: make([]byte, 16), Passes: argonPasses, Memory: argonMemory}
	_, _ = rand.Read(p.Salt) // it never fails: the program ends instead
	sum := sha256.Sum256(s.derive(word, &p))
	p.Verifier = sum[:]
	return p, nil
}

// proves reports whether a session is the one of the password.
func (p *password) proves(session []byte) bool {
	sum := sha256.Sum256(session)
	return subtle.ConstantTimeCompare(sum[:], p.Verifier) == 1
}

// Login exchanges a password for a session, which is good until the password
// changes; false when name or password are wrong. It takes as long, and as much
// memory, for a name that nobody has.
func (s *Store) Login(name, word string) (session string, ok bool, err error) {
	row, err := s.user(name)
	if err != nil || len(word) > 4000 {
		return "", false, err
	}
	if row == nil {
		row = &userRow{Password: password{Salt: make([]byte, 16), Passes: argonPasses, Memory: argonMemory}}
	}
	secret := s.derive(word, &row.Password)
	if !row.Password.proves(secret) {
		return "", false, nil
	}
	return string(userKey(name)) + "/" + base64.RawURLEncoding.EncodeToString(secret), true, nil
}

// Session gives the user of a session that Login handed out; false when it is no
// session, or one of an earlier password.
func (s *Store) Session(session string) (user string, ok bool, err error) {
	name, code, found := strings.Cut(session, "/")
	secret, bad := base64.RawURLEncoding.DecodeString(code)
	if !found || bad != nil || len(session) > 200 {
		return "", false, nil
	}
	row, err := s.user(name)
	if err != nil || row == nil || !row.Password.proves(secret) {
		return "", false, err
	}
	return string(userKey(name)), true, nil
}

func (s *Store) user(name string) (row *userRow, err error) {
	err = s.view(func(r *reader) error {
		row, err = readUser(r.tx.Bucket(bucketUsers), name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading a user: %w", err)
	}
	return row, nil
}
