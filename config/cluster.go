package config

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Cluster says where the NATS servers are that several machines share. Without a
// URL there is no cluster.
type Cluster struct {
	URL  string // of one server or of several, separated by commas
	Name string // begins the names of streams and subjects
	// Credentials (from nsc), CA, Cert and Key are paths of files; empty when none.
	Credentials, CA, Cert, Key string
	// User and PasswordFile are for servers that ask for a name and a password.
	User, PasswordFile string
	Replicas           int           // of each message; 0: three where there are three servers, else one
	MaxAge             time.Duration // of a poll in the log
	MaxBytes           int64         // of the log; 0: what the servers allow
}

func defaultCluster() Cluster { return Cluster{Name: "aggregator", MaxAge: 14 * day} }

func clusterKeys(c *Cluster) []key {
	return []key{
		{"url", text(&c.URL, checkServers)},
		{"name", text(&c.Name, checkName)},
		{"credentials", text(&c.Credentials, nil)},
		{"ca", text(&c.CA, nil)},
		{"cert", text(&c.Cert, nil)},
		{"key", text(&c.Key, nil)},
		{"user", text(&c.User, nil)},
		{"password_file", text(&c.PasswordFile, nil)},
		{"replicas", count(&c.Replicas, 0, 5)},
		{"max_age", duration(&c.MaxAge, time.Hour, 3650*day)},
		{"max_bytes", size(&c.MaxBytes, 0, 1<<50)},
	}
}

// checkServers says what keeps s from being the addresses of NATS servers.
func checkServers(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	for one := range strings.SplitSeq(s, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		switch {
		case err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls":
			return fmt.Sprintf("%q is not the address of a NATS server", cut(one)), `write it like "nats://10.0.0.1:4222" or "tls://nats.example.org:4222"`
		case u.User != nil:
			return "the address holds a name or password, which would be logged", "write user and password_file, or credentials"
		}
	}
	return "", ""
}

var streamName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

func checkName(s string) (string, string) {
	if !streamName.MatchString(s) {
		return fmt.Sprintf("%q cannot begin the name of a stream", cut(s)), `write up to 32 letters, digits, "-" and "_"`
	}
	return "", ""
}
