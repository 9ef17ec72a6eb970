package websub

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
)

// methods are those of WebSub, section 7.1. SHA-1 is among them because hubs still
// use it; as a keyed hash it is not broken.
var methods = map[string]func() hash.Hash{
	"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

// Verify reports whether signature, the X-Hub-Signature of a push ("method=hex"),
// was made of body with secret. It takes as long for a wrong one as for a right
// one.
func Verify(signature, secret string, body []byte) bool {
	method, digits, _ := strings.Cut(strings.TrimSpace(signature), "=")
	sum := methods[strings.ToLower(method)]
	given, err := hex.DecodeString(digits)
	if sum == nil || err != nil || secret == "" {
		return false
	}
	mac := hmac.New(sum, []byte(secret))
	mac.Write(body)
	return hmac.Equal(mac.Sum(nil), given)
}
