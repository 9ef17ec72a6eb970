package clustertest

import (
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"aggregator/cluster"
	"aggregator/store"
)

// oneServer starts a NATS server with JetStream on loopback; it ends with the test.
func oneServer(t testing.TB) (address string) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 4 << 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("a NATS server does not come up")
	}
	return s.ClientURL()
}

// forStore gives polls of the log as a store takes them.
func forStore(polls []cluster.Logged) []store.Logged {
	list := make([]store.Logged, len(polls))
	for i, p := range polls {
		list[i] = store.Logged(p)
	}
	return list
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
