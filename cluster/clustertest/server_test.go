package clustertest

import (
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// servers starts n NATS servers with JetStream on loopback; they end with the test.
func servers(t testing.TB, n int) (addresses string, list []*server.Server) {
	t.Helper()
	var routes []*url.URL
	ports := make([]int, n)
	for i := range ports {
		ports[i] = freePort(t)
		u, _ := url.Parse(fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
		routes = append(routes, u)
	}
	for i := range n {
		o := &server.Options{
			ServerName: fmt.Sprintf("server-%d", i+1), Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(), JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 4 << 30,
		}
		if n > 1 {
			o.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: ports[i]}
			o.Routes = routes
		}
		s, err := server.NewServer(o)
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		list = append(list, s)
		if addresses != "" {
			addresses += ","
		}
	}
	addresses = ""
	for i, s := range list {
		if !s.ReadyForConnections(20 * time.Second) {
			t.Fatal("a NATS server does not come up")
		}
		if i > 0 {
			addresses += ","
		}
		addresses += s.ClientURL()
	}
	return addresses, list
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
