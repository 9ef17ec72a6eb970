package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
)

var errWhole = errors.New("the whole request took longer than its limit")

// Explain says in words what a request by a client of Guarded died of, without its
// address.
func Explain(ctx context.Context, err error) string { return explain(ctx, err) }

// explain says in words what a failed request died of. It never repeats the
// address, which may hold a secret.
func explain(ctx context.Context, err error) string {
	var (
		dns       *net.DNSError
		cert      *tls.CertificateVerificationError
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		many      tooManyRedirects
	)
	for _, known := range []error{errProxyNotPublic, errDowngrade, errLoop, errScheme, errLocation, errOptOut} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch {
	case errors.Is(err, errNotPublic):
		return notPublicWords(err)
	case errors.As(err, &many):
		return many.Error()
	case errors.Is(context.Cause(ctx), errWhole):
		return errWhole.Error()
	case errors.Is(err, context.Canceled):
		return "the request was given up because the program is stopping"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host: " + dns.Name
	case errors.As(err, &dns):
		return "the name " + dns.Name + " could not be looked up"
	case errors.As(err, &hostname):
		return "the TLS certificate is for another name"
	case errors.As(err, &authority):
		return "the TLS certificate is signed by nobody known"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the TLS certificate has expired or is not valid yet"
	case errors.As(err, &cert):
		return "the TLS certificate is not valid"
	case errors.As(err, &record):
		return "the server does not speak TLS on this port"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the server refuses connections"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the server broke the connection off"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "the network does not lead to the server"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection without a whole answer"
	}
	text := reason(err)
	if timeout(err) {
		switch {
		case strings.Contains(text, "TLS handshake"):
			return "the TLS handshake took too long"
		case strings.Contains(text, "awaiting response headers"):
			return "the server took too long to begin its answer"
		}
		return "no connection in time"
	}
	return text
}

const allowIt = "; if it is meant, name its range in allow_private"

// notPublicWords says which host was refused. Of a name that leads into a private
// network it does not say where: a redirect may ask for any name, and whoever reads
// the answer would learn what the network's own names mean.
func notPublicWords(err error) string {
	var u *url.Error
	if !errors.As(err, &u) {
		return errNotPublic.Error()
	}
	where, err := url.Parse(u.URL)
	if err != nil || where.Hostname() == "" {
		return errNotPublic.Error()
	}
	if _, err := netip.ParseAddr(where.Hostname()); err == nil {
		return where.Hostname() + " is not a public address" + allowIt
	}
	return where.Hostname() + " leads to an address that is not public, in a private network or of this machine" + allowIt
}

func timeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// reason is err's text without the address that url.Error puts in front.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err.Error()
	}
	return err.Error()
}
