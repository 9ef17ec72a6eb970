package fetch

import "net/netip"

// notPublic are the ranges that the IANA special-purpose registries (RFC 6890)
// and netip's own predicates do not already cover together.
var notPublic = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "::ffff:0:0:0/96", "3fff::/20", "5f00::/16", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48", "2001:10::/28", "2001:db8::/32", "fec0::/10",
)

var (
	nat64 = netip.MustParsePrefix("64:ff9b::/96") // carries an IPv4 address in its last four bytes
	sixTo = netip.MustParsePrefix("2002::/16")    // carries one in bytes two to five
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// guard refuses an address ("ip:port", as it is about to be dialled) that is not
// public and not in allow.
func guard(address string, allow []netip.Prefix) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return errNotPublic
	}
	ip := ap.Addr().WithZone("").Unmap()
	for _, p := range allow {
		if p.Contains(ip) {
			return nil
		}
	}
	if !public(ip) {
		return errNotPublic
	}
	return nil
}

func public(ip netip.Addr) bool {
	if nat64.Contains(ip) {
		b := ip.As16()
		return public(netip.AddrFrom4([4]byte(b[12:16])))
	}
	if sixTo.Contains(ip) {
		b := ip.As16()
		return public(netip.AddrFrom4([4]byte(b[2:6])))
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}
