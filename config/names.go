package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

var checkIDs = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

func checkID(s string) (string, string) {
	if checkIDs.MatchString(s) {
		return "", ""
	}
	write := "write lower-case letters a to z, digits and '-', at most 64"
	if d := deriveID(s); checkIDs.MatchString(d) {
		write = fmt.Sprintf("write %q", d)
	}
	return fmt.Sprintf("%q is not an id", cut(s)), write
}

// deriveID makes an id of a name: accents off, lower case, everything that is
// not an ASCII letter or digit a '-'.
func deriveID(name string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(name) {
		c = unicode.ToLower(c)
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			b.WriteRune(c)
		case unicode.Is(unicode.Mn, c), c == '\'', c == '’':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String()[:min(b.Len(), 64)], "-")
}

func checkLanguage(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	if _, err := language.Parse(s); err != nil {
		return fmt.Sprintf("%q is not a language tag (BCP 47)", cut(s)), `write one like "en", "fr", "ar" or "pt-BR"`
	}
	return "", ""
}

// canonicalLanguage puts a tag that checkLanguage accepted into its usual case.
func canonicalLanguage(s string) string {
	if tag, err := language.Parse(s); err == nil && s != "" {
		return tag.String()
	}
	return s
}
