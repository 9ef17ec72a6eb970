package fetch

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aggregator/feeds"

	"golang.org/x/net/http/httpguts"
)

const (
	// DefaultUserAgent is sent when the settings name none.
	DefaultUserAgent = "aggregator/1.0 (feed reader)"

	accept         = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
	acceptEncoding = "gzip, br, zstd"
)

// The fields that all requests have alike; nobody changes them.
var acceptField, acceptEncodingField = []string{accept}, []string{acceptEncoding}

// Request is what to ask.
type Request struct {
	URL string
	// Address is URL as ReadAddress gives it, for whoever asks it again and again;
	// nil: Get reads it.
	Address *Address
	// ETag and LastModified are the stored validators, as received; empty when
	// there are none.
	ETag, LastModified string
	// ValidatorsOf is the address that the validators came from, when a
	// redirect led to another one than URL. They are sent to that address only.
	ValidatorsOf string
	Settings     feeds.Settings
}

// Hop is one redirect: URL answered Status and named another address.
type Hop struct {
	URL    string
	Status int
}

// Permanent reports whether the hop says that the resource has moved for good
// (RFC 9110, sections 15.4.2 and 15.4.9).
func (h Hop) Permanent() bool {
	return h.Status == http.StatusMovedPermanently || h.Status == http.StatusPermanentRedirect
}

// Response is what came of a request.
type Response struct {
	// Outcome is Changed for a 200 with a body (the caller compares hashes),
	// NotModified, Gone, RateLimited or Failed.
	Outcome feeds.Outcome
	Status  int // of the last answer; 0 when there was none
	// Body is decoded, at most Settings.MaxBody bytes; nil unless Outcome is Changed.
	Body        []byte
	ContentType string
	// ETag and LastModified are the answer's validators, byte for byte.
	ETag, LastModified string
	Header             http.Header // of the last answer; nil when there was none
	FinalURL           string      // the address that gave the last answer
	Redirects          []Hop       // in order; empty when URL itself answered
	// Conditional is set when the last request carried a validator.
	Conditional bool
	// RetryAfter is the moment before which the server wants no request; zero
	// when it says nothing. It is never in the past and at most 30 days ahead.
	RetryAfter time.Time
	// FreshUntil is how long a cache may keep the answer (max-age less Age, or
	// Expires); zero when the server says nothing or forbids keeping.
	FreshUntil time.Time
	Took       time.Duration
	Wire       int64  // bytes of the body as transferred
	Problem    string // what went wrong, for a person; empty when nothing did
}

// Get makes one GET and follows its redirects. It returns when the body has been
// read, or when ctx ends or a limit of the settings is reached. It is safe for
// concurrent use.
func (c *Client) Get(ctx context.Context, r Request) Response {
	start := time.Now()
	p := c.patience.borrow(ctx, orDuration(r.Settings.Timeout, time.Minute))
	a := attempt{request: r}
	resp := c.do(p.ctx, &a)
	c.patience.giveBack(p)
	resp.Redirects = a.hops
	resp.Took = time.Since(start)
	return resp
}

func failed(problem string) Response {
	return Response{Outcome: feeds.Failed, Problem: problem}
}

// attempt is the state of one Get.
type attempt struct {
	request Request
	origin  *url.URL // that request names
	hops    []Hop
	// conditional is whether the request now under way carries validators.
	conditional bool
}

// newRequest is the attempt's first request.
func (a *attempt) newRequest(ctx context.Context) (*http.Request, error) {
	address := a.request.Address
	if address == nil {
		var err error
		if address, err = ReadAddress(a.request.URL); err != nil {
			return nil, err
		}
		a.request.Address = address
	}
	if a.optedOut(address.url) {
		return nil, errOptOut
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "", nil)
	if err != nil {
		return nil, err
	}
	req.URL, req.Host = address.url, address.url.Host
	a.origin = address.url
	a.setHeader(req)
	return req, nil
}

// setHeader gives a request its header fields: the feed's own when it goes to the feed's
// origin, the validators when it goes to the address that they came from.
func (a *attempt) setHeader(req *http.Request) {
	r, u, h := &a.request, req.URL, req.Header
	values := []string{UserAgent(&r.Settings), r.ETag, r.LastModified} // one allocation for all fields
	h["User-Agent"], h["Accept"], h["Accept-Encoding"] = values[0:1:1], acceptField, acceptEncodingField
	if u.User != nil {
		password, _ := u.User.Password()
		req.SetBasicAuth(u.User.Username(), password)
	}
	if u.Scheme == a.origin.Scheme && u.Host == a.origin.Host {
		for name, value := range r.Settings.Header {
			h[http.CanonicalHeaderKey(name)] = []string{value}
		}
		delete(h, "If-None-Match")
		delete(h, "If-Modified-Since")
	}
	etag, modified := a.validators(u)
	if etag {
		h["If-None-Match"] = values[1:2:2]
	}
	if modified {
		h["If-Modified-Since"] = values[2:3:3]
	}
	a.conditional = etag || modified
}

// UserAgent is the User-Agent field that requests with these settings carry.
func UserAgent(s *feeds.Settings) string {
	if s.UserAgent != "" {
		return s.UserAgent
	}
	return DefaultUserAgent
}

// validators reports which of the stored validators a request for u carries.
func (a *attempt) validators(u *url.URL) (etag, modified bool) {
	r := &a.request
	asked := r.URL // as the caller spells it
	if len(a.hops) > 0 {
		asked = u.String()
	}
	if r.ValidatorsOf != asked && (r.ValidatorsOf != "" || len(a.hops) > 0) {
		return false, false
	}
	// A value that cannot stand in a header field would fail the whole request.
	return r.ETag != "" && r.Settings.Validators != "last-modified" && httpguts.ValidHeaderFieldValue(r.ETag),
		r.LastModified != "" && r.Settings.Validators != "etag" && httpguts.ValidHeaderFieldValue(r.LastModified)
}

func (c *Client) do(ctx context.Context, a *attempt) Response {
	s := &a.request.Settings
	t, err := c.transport(s)
	if err != nil {
		return failed(err.Error())
	}
	req, err := a.newRequest(ctx)
	if err != nil {
		return failed(err.Error())
	}
	res, err := a.ask(req, t)
	if err != nil {
		resp := failed(explain(ctx, err))
		if res != nil {
			resp.Status = res.StatusCode
		}
		return resp
	}
	defer res.Body.Close()
	resp := Response{
		Status: res.StatusCode, Header: res.Header, FinalURL: a.finalURL(res.Request),
		ETag: first(res.Header, "Etag"), LastModified: first(res.Header, "Last-Modified"),
		ContentType: first(res.Header, "Content-Type"), Conditional: a.conditional,
	}
	now := time.Now().UTC().Round(0)
	resp.RetryAfter = retryAfter(res.StatusCode, res.Header, now)
	resp.FreshUntil = freshUntil(res.Header, now)
	classify(&resp, res)
	if resp.Outcome != feeds.Changed {
		return resp
	}
	var problem string
	resp.Body, resp.Wire, problem = readBody(ctx, res, orBytes(s.MaxBody, 16<<20))
	if problem != "" {
		resp.Outcome, resp.Body, resp.Problem = feeds.Failed, nil, problem
	}
	return resp
}

// finalURL is the address that a request asked.
func (a *attempt) finalURL(req *http.Request) string {
	if len(a.hops) == 0 {
		return a.request.Address.text
	}
	return req.URL.String()
}

// classify says what the status means.
func classify(resp *Response, res *http.Response) {
	resp.Outcome = feeds.Failed
	switch code := res.StatusCode; {
	case first(res.Header, "Cf-Mitigated") == "challenge":
		resp.Outcome = feeds.RateLimited
		resp.Problem = fmt.Sprintf("Cloudflare answered %d with a challenge page that only a browser can pass: ask the publisher to let feed readers through", code)
	case code == http.StatusOK || code == http.StatusNonAuthoritativeInfo:
		resp.Outcome = feeds.Changed
	case code == http.StatusNotModified && resp.Conditional:
		resp.Outcome = feeds.NotModified
	case code == http.StatusNotModified:
		resp.Problem = "the server answered 304 (not modified) to a request without validators"
	case code == http.StatusGone:
		resp.Outcome = feeds.Gone
		resp.Problem = "410: the publisher says that the feed is gone for good"
	case code == http.StatusTooManyRequests:
		resp.Outcome = feeds.RateLimited
		resp.Problem = "429: the server wants fewer requests"
	case code == http.StatusServiceUnavailable:
		resp.Outcome = feeds.RateLimited
		resp.Problem = "503: the server is overloaded or under maintenance"
	case code == http.StatusIMUsed:
		resp.Problem = "226: the server sent a delta that was not asked for"
	default:
		resp.Problem = strings.TrimSpace(fmt.Sprintf("%d: %s", code, statusWords(code)))
	}
}

func statusWords(code int) string {
	switch code {
	case http.StatusUnauthorized:
		return "the server wants a login"
	case http.StatusForbidden:
		return "the server refuses the request"
	case http.StatusNotFound:
		return "nothing is at this address"
	case http.StatusNetworkAuthenticationRequired: // never the server's own (RFC 6585)
		return "the network wants somebody to log in"
	}
	return strings.ToLower(http.StatusText(code))
}

func first(h http.Header, key string) string {
	if v := h[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func orDuration(d, standard time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return standard
}

func orBytes(n, standard int64) int64 {
	if n > 0 {
		return n
	}
	return standard
}
