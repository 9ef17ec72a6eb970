package cluster

import (
	"cmp"
	"time"
)

// Options say where the cluster is and how much it may keep.
type Options struct {
	// URL of the NATS servers, several separated by commas: "nats://10.0.0.1:4222".
	URL string
	// Name begins the names of streams and subjects, so that installations can
	// share servers: letters, digits, "-" and "_". Empty is "aggregator".
	Name string
	// Credentials is a file of user credentials (nsc), CA a file of certificates to
	// trust, Cert and Key the files of this client's own; all may be empty.
	Credentials, CA, Cert, Key string
	// User and PasswordFile, whose first line is the password, are for servers that
	// ask for them.
	User, PasswordFile string
	// Replicas is how many servers hold each message; 0 is three where the cluster
	// has them, else one. It counts when the streams are created.
	Replicas int
	// MaxAge is how long the log keeps a poll: an index node that was away longer
	// starts anew from another one's backup. 0 is 14 days.
	MaxAge time.Duration
	// MaxBytes bounds the log, on each server; JetStream reserves as much. When it is
	// full, pollers wait and lose nothing. 0 leaves it to the servers' own limits.
	MaxBytes int64
	// Client names this machine in the servers' lists.
	Client string
}

func (o *Options) fill() {
	o.Name = cmp.Or(o.Name, "aggregator")
	o.MaxAge = cmp.Or(o.MaxAge, 14*24*time.Hour)
	o.MaxBytes = cmp.Or(o.MaxBytes, -1)
}
