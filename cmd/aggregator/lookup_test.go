package main

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"
)

// aPublic is a public address, which in the network of the test leads to itself.
const aPublic = "93.184.216.34"

// A feed's name that led to a public address leads, at its next look-up, to this machine or
// to where clouds keep their keys; so does the name that a redirect leads to. The running
// daemon dials none of them, says why, polls all others meanwhile, and goes on with the
// feed when its name leads to a public address again. Nothing is allowed in the
// configuration: the daemon runs in a network of its own, in which a public
// address is the test's, and looks names up at a server of the test.
func TestNamesThatTurnInside(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	if !inNetworkOfItsOwn(t) {
		return
	}
	private, public := listeners(t)
	turning := map[string][]string{ // name -> where it leads once it has turned
		"to-6.example": {"::1"}, "to-4.example": {"127.0.0.1"}, "to-key.example": {"169.254.169.254"},
		"mapped.example": {"::ffff:127.0.0.1"}, "nat64.example": {"64:ff9b::7f00:1"}, "several.example": {"10.1.2.3", "::1", "0.0.0.0"},
	}
	var phase atomic.Int32 // 0: all public, 1: turned, 2: public again
	looked := answerNames(t, func(name string) []string {
		switch inside := turning[name]; {
		case name == "inside.example" && phase.Load() == 1:
			return []string{"::1", "127.0.0.1"}
		case name == "both.example" && phase.Load() == 1:
			return []string{"::1", aPublic} // what is public of it may be asked
		case inside != nil && phase.Load() == 1:
			return inside
		}
		return []string{aPublic}
	})
	var honest atomic.Int64
	asked := map[string]*atomic.Int64{}
	var b strings.Builder
	b.WriteString("[store]\npath = \"aggregator.db\"\n[serve]\nlisten = \"127.0.0.1:0\"\n")
	for _, name := range []string{"to-6", "to-4", "to-key", "mapped", "nat64", "several", "both", "redirects", "honest"} {
		asked[name+".example"] = new(atomic.Int64)
		fmt.Fprintf(&b, "[[outlet]]\nname = %q\nhome = \"http://%[1]s.example/\"\nschedule = \"@every 1s\"\nspread = \"1s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nhost_gap = \"0s\"\n[[outlet.feed]]\nurl = \"http://%[1]s.example/feed\"\n", name)
	}
	public(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "redirects.example" {
			http.Redirect(w, r, "http://inside.example/latest/meta-data/", http.StatusMovedPermanently)
			return
		}
		if n := asked[r.Host]; n != nil {
			n.Add(1)
		}
		_, _ = fmt.Fprint(w, feedOf(itemOf(fmt.Sprint(r.Host, honest.Add(1)), "Ferry timetable changes", "A boat more each day.")))
	})
	config := filepath.Join(t.TempDir(), "aggregator.toml")
	writeFileT(t, config, b.String())
	d := startDaemon(t, program(t), config)
	eventually(t, "all are polled where they are public", func() bool {
		for _, n := range asked {
			if n.Load() < 1 && n != asked["redirects.example"] {
				return false
			}
		}
		return looked("inside.example") > 0
	})
	phase.Store(1)
	why := func(name string) string {
		out, err := exec.Command(d.Path, "why", "--config", config, "http://"+name+"/feed").CombinedOutput()
		if err != nil {
			t.Fatalf("why: %v\n%s", err, out)
		}
		return strings.Join(strings.Fields(string(out)), " ") // one line: it is broken for a page
	}
	const inside = " leads to an address that is not public, in a private network or of this machine; if it is meant, name its range in allow_private"
	leads := map[string]string{"redirects.example": "inside.example"}
	for name := range turning {
		leads[name] = name
	}
	eventually(t, "all that lead inside are refused", func() bool {
		_, states := get(t, patient, d.address+"/api/v1/feeds")
		for _, to := range leads {
			if !strings.Contains(states, `"`+to+inside) {
				return false
			}
		}
		return true
	})
	for _, name := range []string{"to-6.example", "redirects.example"} {
		if text := why(name); !strings.Contains(text, "failed, "+leads[name]+inside) {
			t.Errorf("why says of %s:\n%s", name, text)
		}
	}
	before := asked["honest.example"].Load() + asked["both.example"].Load()
	eventually(t, "the others are polled on", func() bool {
		return asked["honest.example"].Load() > 5 && asked["both.example"].Load() > 3 && asked["honest.example"].Load()+asked["both.example"].Load() > before+4
	})
	polled := asked["to-6.example"].Load()
	phase.Store(2)
	eventually(t, "a name that leads outside again is polled", func() bool { return asked["to-6.example"].Load() > polled })
	select {
	case at := <-private:
		t.Errorf("a connection came to %s", at)
	default:
	}
}

// inNetworkOfItsOwn runs the test that calls it once more, in a process with a network and
// mounts of its own. There it reports true; outside the test is done with what became of it.
func inNetworkOfItsOwn(t *testing.T) bool {
	t.Helper()
	const mark = "AGGREGATOR_TEST_OWN_NETWORK"
	if os.Getenv(mark) == "" {
		cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), mark+"=1", "GODEBUG=netdns=go")
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
		out, err := cmd.CombinedOutput()
		switch {
		case err != nil && len(out) == 0:
			t.Skip("needs leave to make a network of its own: ", err)
		case err != nil:
			t.Fatalf("%s", out)
		case strings.Contains(string(out), "--- SKIP"):
			t.Skipf("%s", out)
		}
		t.Logf("%s", out)
		return false
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(s)
	for name, address := range map[string]string{"lo": "127.0.0.1", "lo:1": aPublic, "lo:2": "169.254.169.254"} {
		req, err := unix.NewIfreq(name)
		if err != nil {
			t.Fatal(err)
		}
		ip := netip.MustParseAddr(address).As4()
		if err := req.SetInet4Addr(ip[:]); err != nil {
			t.Fatal(err)
		}
		if err := unix.IoctlIfreq(s, unix.SIOCSIFADDR, req); err != nil {
			t.Fatalf("the address %s: %v", address, err)
		}
		req.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, req); err != nil {
			t.Fatalf("turning %s on: %v", name, err)
		}
	}
	return true
}

// listeners serve port 80 in that network: what comes to addresses that are not public
// is told, and what comes to the public one is answered by the handler that public is given.
func listeners(t *testing.T) (private chan string, public func(http.HandlerFunc)) {
	t.Helper()
	listen := func(address string) net.Listener {
		l, err := net.Listen("tcp", net.JoinHostPort(address, "80"))
		if err != nil {
			t.Skip("needs IPv6 for ::1: ", err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	private = make(chan string, 100)
	for _, address := range []string{"127.0.0.1", "169.254.169.254", "::1"} {
		l := listen(address)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				private <- address
				c.Close()
			}
		}()
	}
	l := listen(aPublic)
	return private, func(h http.HandlerFunc) {
		s := &http.Server{Handler: h}
		s.SetKeepAlivesEnabled(false) // each poll connects anew, and so looks its name up
		t.Cleanup(func() { s.Close() })
		go func() { _ = s.Serve(l) }()
	}
}

// answerNames has the programs of that network look names up at a server of the test:
// addresses says where a name leads. looked counts the look-ups of a name.
func answerNames(t *testing.T, addresses func(name string) []string) (looked func(name string) int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	writeFileT(t, file, "nameserver 127.0.0.1\n")
	if err := syscall.Mount(file, "/etc/resolv.conf", "", syscall.MS_BIND, ""); err != nil {
		t.Skip("needs an /etc/resolv.conf, and leave to put another in its place: ", err)
	}
	server, err := net.ListenPacket("udp", "127.0.0.1:53")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	var mu sync.Mutex
	count := map[string]int{}
	go func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if err := m.Unpack(packet[:n]); err != nil || len(m.Questions) != 1 {
				t.Errorf("a look-up that cannot be read: %v", err)
				return
			}
			q := m.Questions[0]
			name := strings.TrimSuffix(q.Name.String(), ".")
			m.Response, m.Additionals = true, nil
			for _, text := range addresses(name) {
				a := netip.MustParseAddr(text)
				var body dnsmessage.ResourceBody
				switch {
				case q.Type == dnsmessage.TypeA && a.Is4():
					body = &dnsmessage.AResource{A: a.As4()}
				case q.Type == dnsmessage.TypeAAAA && a.Is6():
					body = &dnsmessage.AAAAResource{AAAA: a.As16()}
				default:
					continue
				}
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: body})
			}
			answer, err := m.Pack()
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			count[name]++
			mu.Unlock()
			_, _ = server.WriteTo(answer, from)
		}
	}()
	return func(name string) int {
		mu.Lock()
		defer mu.Unlock()
		return count[name]
	}
}
