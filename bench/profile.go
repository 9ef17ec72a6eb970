package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// profile takes CPU profiles of the daemon behind a socket, one after the other,
// until stop is called, which says whether all were taken. The socket may appear
// later.
func profile(socket, dir string) (stop func() error) {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	end, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		err := waitFor(time.Minute, func() bool { _, err := os.Stat(socket); return err == nil })
		for i := 0; err == nil; i++ {
			select {
			case <-end:
				ended <- nil
				return
			default:
				err = profileOnce(client, filepath.Join(dir, fmt.Sprintf("cpu-%03d.pb.gz", i)))
			}
		}
		ended <- fmt.Errorf("profile the daemon: %w", err)
	}()
	return func() error { close(end); return <-ended }
}

func profileOnce(client *http.Client, path string) error {
	resp, err := client.Get("http://daemon/debug/pprof/profile?seconds=5")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("it answered %s: %s", resp.Status, b)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

// freePort finds a port that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
