package fetch

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
)

var (
	errNotPublic      = errors.New("the address is not public" + allowIt)
	errProxyNotPublic = errors.New("the proxy's address is not public" + allowIt)
	errDowngrade      = errors.New("a redirect leads from https to http")
	errLoop           = errors.New("the redirects go in a circle")
	errOptOut         = errors.New("the host is on the list of those that asked to be left alone")
	errScheme         = errors.New("a redirect leads to an address that is neither http nor https")
	errLocation       = errors.New("a redirect leads to an address that cannot be read")
)

type tooManyRedirects int

func (n tooManyRedirects) Error() string {
	return fmt.Sprintf("more than %d redirects", int(n))
}

// maxSlurp is how much of a redirect's body is read, in bytes, so that its connection
// can be used again.
const maxSlurp = 2 << 10

// ask makes a request and follows its redirects, until an answer is none or one may not be
// followed: then the answer comes with the error, its body closed. This is what http.Client
// does, but for cookies and Referer, of which a poll sends none, and its care for the header
// fields of other requests.
func (a *attempt) ask(req *http.Request, t *http.Transport) (*http.Response, error) {
	for {
		res, err := t.RoundTrip(req)
		if err != nil {
			return nil, &url.Error{Op: "Get", URL: req.URL.String(), Err: err} // as http.Client has it: explain names the host
		}
		if !redirects(res) {
			return res, nil
		}
		req, err = a.follow(req, res)
		if res.ContentLength <= maxSlurp {
			_, _ = io.CopyN(io.Discard, res.Body, maxSlurp)
		}
		_ = res.Body.Close()
		if err != nil {
			return res, err
		}
	}
}

// redirects reports whether an answer names another address to ask (RFC 9110, section 15.4).
func redirects(res *http.Response) bool {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return first(res.Header, "Location") != ""
	}
	return false
}

// follow notes a redirect and gives the request that it asks for, if that may be made.
func (a *attempt) follow(req *http.Request, res *http.Response) (*http.Request, error) {
	from := req.URL
	a.hops = append(a.hops, Hop{URL: from.String(), Status: res.StatusCode})
	limit := a.request.Settings.MaxRedirects
	if limit == 0 {
		limit = 5
	}
	if limit = max(limit, 0); len(a.hops) > limit {
		return nil, tooManyRedirects(limit)
	}
	to, err := from.Parse(first(res.Header, "Location"))
	if err != nil {
		return nil, errLocation
	}
	to.Fragment, to.RawFragment = "", ""
	switch {
	case to.Scheme != "http" && to.Scheme != "https":
		return nil, errScheme
	case from.Scheme == "https" && to.Scheme == "http":
		return nil, errDowngrade
	case slices.ContainsFunc(a.hops, func(h Hop) bool { return h.URL == to.String() }):
		return nil, errLoop
	case a.optedOut(to):
		return nil, errOptOut
	}
	next, err := http.NewRequestWithContext(req.Context(), http.MethodGet, to.String(), nil)
	if err != nil {
		return nil, errLocation
	}
	a.setHeader(next)
	return next, nil
}
