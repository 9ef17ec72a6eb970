package clustertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"aggregator/cluster"
	"aggregator/store"
)

// A new index node starts from a peer's backup and follows from there.
func TestJoiningFromABackup(t *testing.T) {
	t.Parallel()
	addresses := oneServer(t)
	m := &canned{body: "Long was the bridge."}
	c := open(t, cluster.Options{URL: addresses})
	n := newNode(t, c, m)
	work(t, c, m)
	n.ask(t, 8)
	polls := func(from, to int) []store.Logged { return forStore(n.polls[from:to]) }
	dir := t.TempDir()
	at := func(name string) *store.Store {
		st, err := store.Open(filepath.Join(dir, name), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		return st
	}
	peer := at("peer.db")
	if err := peer.Follow(t.Context(), c.Log(), polls(0, 5)); err != nil {
		t.Fatal(err)
	}
	backup, err := os.Create(filepath.Join(dir, "late.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := peer.Backup(t.Context(), backup, nil); err != nil {
		t.Fatal(err)
	}
	if err := backup.Close(); err != nil {
		t.Fatal(err)
	}
	if err := peer.Follow(t.Context(), c.Log(), polls(5, 8)); err != nil {
		t.Fatal(err)
	}
	late := at("late.db")
	pos, err := late.Position()
	if err != nil || pos.Seq != 5 {
		t.Fatalf("the backup stands at poll %d, not 5 (%v)", pos.Seq, err)
	}
	if err := c.Check(t.Context(), pos.Log, pos.Seq, pos.Sum); err != nil {
		t.Fatal(err)
	}
	if err := late.Follow(t.Context(), c.Log(), polls(3, 8)); err != nil { // some of it again
		t.Fatal(err)
	}
	want, err := peer.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := late.Digest(); err != nil || got != want {
		t.Errorf("digest %s, the peer's is %s (%v)", got, want, err)
	}
}

// Servers that speak TLS and ask for a name and a password.
func TestTLSAndAPassword(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	card := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, card, card, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ca, password, wrong := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "password"), filepath.Join(dir, "wrong")
	for path, text := range map[string][]byte{
		ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), password: []byte("open sesame\n"), wrong: []byte("open barley\n"),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir, Username: "desk", Password: "open sesame",
		TLS: true, TLSConfig: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server does not come up")
	}
	url := strings.Replace(s.ClientURL(), "nats://", "tls://", 1)
	open(t, cluster.Options{URL: url, CA: ca, User: "desk", PasswordFile: password})
	for what, o := range map[string]cluster.Options{
		"a wrong password":            {URL: url, CA: ca, User: "desk", PasswordFile: wrong},
		"a certificate nobody trusts": {URL: url, User: "desk", PasswordFile: password},
		"no password file":            {URL: url, CA: ca, User: "desk", PasswordFile: filepath.Join(dir, "none")},
	} {
		c, err := cluster.Open(t.Context(), o, quiet())
		if err == nil {
			c.Close()
			t.Errorf("%s is accepted", what)
		} else if strings.Contains(err.Error(), "open ") && strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: the error tells the password: %v", what, err)
		}
	}
}
