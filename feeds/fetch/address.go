package fetch

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Address is an address that can be asked, read once for many requests. Nobody changes it.
type Address struct {
	url  *url.URL // without its fragment
	text string   // of url
}

// ReadAddress reads an http or https address with a host. Its error is for people, and does
// not repeat the address, which may hold a secret.
func ReadAddress(raw string) (*Address, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("the address cannot be read: %s", reason(err))
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("the address must start with http:// or https:// and name a host")
	}
	u.Fragment, u.RawFragment = "", ""
	u.Host = strings.TrimSuffix(u.Host, ":") // of a port that is empty
	return &Address{url: u, text: u.String()}, nil
}

// Text is the address as a request's FinalURL gives it.
func (a *Address) Text() string { return a.text }
