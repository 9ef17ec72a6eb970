package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// checkURL says what keeps s from being an address that can be asked for.
func checkURL(s string) (what, write string) {
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case strings.TrimSpace(s) == "":
		return "this is empty", "write the address, with https://"
	case err != nil:
		return fmt.Sprintf("%q is not an address (%v)", cut(s), reason(err)), "write it as the browser's address bar shows it"
	case u.User != nil:
		return "the address holds a name or password, which would be logged and shown", "write it without what stands before the '@'"
	case s != strings.TrimSpace(s) || strings.ContainsAny(s, " \t\r\n"):
		return fmt.Sprintf("%q holds white space", cut(s)), "take it out, or write %20 for a blank"
	case u.Scheme == "feed" && u.Host != "":
		return fmt.Sprintf("%q is a link for feed readers, not an address", cut(s)), fmt.Sprintf("write \"https%s\"", cut(s[len("feed"):]))
	case u.Scheme == "feed" && strings.HasPrefix(u.Opaque, "http"):
		return fmt.Sprintf("%q is a link for feed readers, not an address", cut(s)), fmt.Sprintf("write %q", cut(u.Opaque))
	case u.Scheme == "" && u.Host == "" && strings.Contains(strings.SplitN(s, "/", 2)[0], "."):
		return fmt.Sprintf("%q has no scheme", cut(s)), fmt.Sprintf("write %q", cut("https://"+s))
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("%q is not a web address", cut(s)), "write one that begins with https:// or http://"
	case u.Hostname() == "":
		return fmt.Sprintf("%q has no host", cut(s)), "write the whole address, like \"https://example.org/feed/\""
	case badPort(u.Port()):
		return fmt.Sprintf("%q has an impossible port", cut(s)), "write a port from 1 to 65535, or none"
	case u.Fragment != "" || strings.HasSuffix(s, "#"):
		before, _, _ := strings.Cut(s, "#")
		return fmt.Sprintf("%q has a fragment, which no server sees", cut(s)), fmt.Sprintf("write %q", cut(before))
	}
	return "", ""
}

func badPort(port string) bool {
	if port == "" {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err != nil || n == 0
}

// reason is the innermost part of url.Parse's error, without the address.
func reason(err error) string {
	if u, ok := err.(*url.Error); ok {
		return u.Err.Error()
	}
	return err.Error()
}

func checkBaseURL(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	if what, write := checkURL(s); what != "" {
		return what, write
	}
	if u, _ := url.Parse(s); u.RawQuery != "" {
		return fmt.Sprintf("%q has a query", cut(s)), "write the address without what follows the '?'"
	}
	return "", ""
}

// checkCallback takes an address that hubs can push to unread by others; on a
// private network, a hub of one's own may do without TLS.
func checkCallback(s string) (string, string) {
	if what, write := checkBaseURL(s); what != "" || s == "" {
		return what, write
	}
	if _, private := privateHost(s); !private && !strings.HasPrefix(s, "https://") {
		return fmt.Sprintf("%q is not https, so that what hubs push could be read and changed on its way", cut(s)), "write an address that begins with https://"
	}
	return "", ""
}

func checkListen(s string) (string, string) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Sprintf("%q is not an address to listen on", cut(s)), `write "127.0.0.1:8080" for this machine only, or ":8080" for everybody`
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Sprintf("%q is not a port", cut(port)), "write a number from 1 to 65535 after the colon"
	} else if n == 0 {
		return "", "" // a free port of the system's choice, for tests
	}
	return "", ""
}

func checkProxy(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	u, err := url.Parse(s)
	switch {
	case err == nil && u.User != nil:
		return "the proxy's address holds a name or password, which would be logged and shown", "write a proxy that lets this machine in without one"
	case err != nil || u.Hostname() == "" || badPort(u.Port()) || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" && u.Scheme != "socks5h":
		return fmt.Sprintf("%q is not a proxy", cut(s)), `write one like "http://proxy.example.org:3128" or "socks5://127.0.0.1:1080"`
	}
	return "", ""
}

func checkHost(s string) (string, string) {
	if u, err := url.Parse("//" + s); err != nil || s == "" || u.Host != s || u.Port() != "" || strings.HasPrefix(s, ".") || strings.Contains(s, "*") {
		return fmt.Sprintf("%q is not a host", cut(s)), `write its name alone, like "example.org"; its subdomains are meant, too`
	}
	return "", ""
}

func checkCIDR(s string) (string, string) {
	if _, err := netip.ParsePrefix(s); err == nil {
		return "", ""
	}
	if ip, err := netip.ParseAddr(s); err == nil {
		return fmt.Sprintf("%q is an address, not a range", s), fmt.Sprintf("write %q", netip.PrefixFrom(ip, ip.BitLen()))
	}
	return fmt.Sprintf("%q is not a range of addresses", cut(s)), `write one like "10.1.0.0/16" or "127.0.0.0/8"`
}

// privateHost gives the address of a URL's host when it is a literal one that
// only this machine or network reaches.
func privateHost(rawURL string) (ip netip.Addr, private bool) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ip, false
	}
	host := u.Hostname()
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err = netip.ParseAddr(host)
	return ip, err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
}

// checkPrivate reports a feed whose address is a private one that the poller
// would refuse to dial.
func checkPrivate(f Feed) (string, string) {
	ip, private := privateHost(f.URL)
	if !private {
		return "", ""
	}
	for _, s := range f.Settings.AllowPrivate {
		if p, err := netip.ParsePrefix(s); err == nil && p.Contains(ip) {
			return "", ""
		}
	}
	return fmt.Sprintf("%q is on a private address, which is refused unless allowed", cut(f.URL)),
		fmt.Sprintf("write allow_private = [%q] for this feed", netip.PrefixFrom(ip, ip.BitLen()))
}

// optedOut is the host on the opt-out list that a feed belongs to, or empty.
func optedOut(f Feed) string {
	u, err := url.Parse(f.URL)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, s := range f.Settings.OptOut {
		if s = strings.ToLower(s); host == s || strings.HasSuffix(host, "."+s) {
			return s
		}
	}
	return ""
}
