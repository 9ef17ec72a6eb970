package clustertest

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
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
	if !s.ReadyForConnections(patience) {
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

// patience is how long a test waits for what must come, however busy the machine is.
const patience = 3 * time.Minute

// eventually tries until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

var ports atomic.Int32 // tried so far

// freePort gives a port for a server that is yet to start, and to start again: below those
// that the system gives to others meanwhile.
func freePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 10_000 + (os.Getpid()*100+int(ports.Add(1)))%20_000
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}
