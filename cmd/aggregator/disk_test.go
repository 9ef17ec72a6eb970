package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sickDisk runs the real program on a disk that does what strace's inject= says, has
// during look on meanwhile, and sees that on a good disk again all that was published
// is kept once and that no feed is blamed.
func sickDisk(t *testing.T, inject string, during func(d *started, w *wires)) {
	t.Helper()
	needStrace(t)
	bin := program(t)
	dir := t.TempDir()
	path, config := filepath.Join(dir, "aggregator.db"), filepath.Join(dir, "aggregator.toml")
	w := newWires(t, 12, path)
	writeFileT(t, config, w.config())
	command(t, bin, "poll", "--config", config)
	d := startDaemon(t, bin, config, func(bin string, args ...string) *exec.Cmd {
		return strike(inject, bin, args...)
	})
	during(d, w)
	w.blameless(t, d)
	d.kill()
	w.closeEdition()
	d = startDaemon(t, bin, config)
	eventually(t, "the last edition is kept of all", w.allKnown)
	w.keptOnce(t, d, path)
}

// blameless fails when the daemon counts a failure of any feed.
func (w *wires) blameless(t *testing.T, d *started) {
	t.Helper()
	_, states := get(t, patient, d.address+"/api/v1/feeds")
	if n := strings.Count(states, `"failures": 0`) + strings.Count(states, `"failures":0`); n != len(w.feeds) {
		t.Errorf("%d of %d feeds without failures:\n%.2000s", n, len(w.feeds), states)
	}
}

// keptOnce stops the daemon and compares what its store has with what was published.
func (w *wires) keptOnce(t *testing.T, d *started, path string) {
	t.Helper()
	if err := d.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-d.done
	if got, want := account(t, path, true), fmt.Sprintf("\n%d entries, 0 versions, 0 gone", w.published()); !strings.Contains(got, want) {
		t.Errorf("it has\n%s\nwant%s", got, want)
	}
	for _, fault := range w.faults {
		t.Error(fault)
	}
}

// Every few writes fail, of data and of what makes data hold, so that some reach the
// file although they failed: polls are handed over again until they are kept.
func TestWritesThatFail(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	for _, inject := range []string{"fdatasync:error=EIO:when=9+7", "pwrite64:error=EIO:when=30+70", "pwrite64:error=EROFS:when=30+70"} {
		t.Run(inject, func(t *testing.T) {
			t.Parallel()
			sickDisk(t, inject, func(d *started, w *wires) {
				before := w.published()
				eventually(t, "a write fails", func() bool { return strings.Contains(d.log.String(), "could not be stored") })
				eventually(t, "polls go on", func() bool { return w.published() > before+30 })
				if code, _ := get(t, patient, d.address+"/"); code != http.StatusOK {
					t.Errorf("the page answers %d", code)
				}
			})
		})
	}
}

// Each write waits for a slow disk: polls do, too, and readers do not. Some sync is nearly
// always under way, so that a reader who waited for syncs, or for those of one kind, would never
// be answered within one: they take turns, of what a transaction wrote and of where it stands.
func TestSlowDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	sickDisk(t, "fdatasync:delay_enter=2000000", func(d *started, w *wires) {
		before, answers := w.published(), 0
		var last held
		row := 0 // syncs one after the other, with answers within each
		within := map[held]int{}
		eventually(t, "answers come within each of four syncs", func() bool {
			begun := syncOf(t, d)
			// What nobody asked for before is read from the store.
			what := []string{"/feed.atom?q=", "/?q=", "/api/v1/stories?q="}[answers%3]
			if code, _ := get(t, patient, fmt.Sprint(d.address, what, answers)); code != http.StatusOK {
				t.Errorf("%s answers %d", what, code)
			}
			answers++
			if begun == (held{}) {
				return false
			}
			if begun != last {
				if within[last] == 0 {
					row = 0
				}
				row, last = row+1, begun
			}
			if syncOf(t, d) == begun {
				within[begun]++
			}
			return row > 4 || row == 4 && within[last] > 0
		})
		if w.published() == before {
			t.Error("no feed was polled")
		}
		t.Logf("%d polls, %d answers to readers, within %d syncs: %v", w.published()-before, answers, len(within), slices.Collect(maps.Values(within)))
	})
}

// held is one call of fdatasync that is under way: its thread, and how often that had given up
// the processor before, which changes between two calls and not during one that is held.
type held struct{ thread, switches string }

// syncOf gives the sync under way in the program that strace runs; the zero one when there is none.
func syncOf(t *testing.T, d *started) held {
	t.Helper()
	traced, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", d.Process.Pid))
	if err != nil {
		t.Skip("needs a kernel that lists children: ", err)
	}
	threads, err := filepath.Glob(filepath.Join("/proc", strings.TrimSpace(string(traced)), "task/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		call, _ := os.ReadFile(filepath.Join(thread, "syscall")) // it may have ended
		if strings.HasPrefix(string(call), fmt.Sprint(syscall.SYS_FDATASYNC, " ")) {
			status, _ := os.ReadFile(filepath.Join(thread, "status"))
			_, switches, _ := strings.Cut(string(status), "voluntary_ctxt_switches:")
			return held{thread, switches}
		}
	}
	return held{}
}

// The disk fills up while the daemon runs. It says so, serves readers on, asks hardly
// anybody, and goes on by itself when there is room.
func TestFullDiskUnderTheDaemon(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=3m"); err != nil {
		t.Skip("needs the right to mount a small tmpfs: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	bin := program(t)
	path, config := filepath.Join(disk, "aggregator.db"), filepath.Join(t.TempDir(), "aggregator.toml")
	w := newWires(t, 40, path)
	writeFileT(t, config, w.config())
	d := startDaemon(t, bin, config)
	eventually(t, "the first polls", func() bool { return w.published() > 20 })
	rest := filepath.Join(disk, "rest")
	fill := func() error {
		f, err := os.OpenFile(rest, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		return err
	}
	eventually(t, "the disk is full", func() bool { _ = fill(); return strings.Contains(d.log.String(), "the disk is full") })
	asked := w.published()
	for range 20 {
		if code, _ := get(t, patient, d.address+"/"); code != http.StatusOK {
			t.Errorf("the page answers %d", code)
		}
		<-time.After(100 * time.Millisecond)
	}
	if code, _ := get(t, patient, d.address+"/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d", code)
	}
	if more := w.published() - asked; more > 20 {
		t.Errorf("%d feeds were asked with a full disk", more)
	}
	if err := os.Remove(rest); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	asked = w.published()
	eventually(t, "polls go on", func() bool { return w.published() > asked+60 })
	w.blameless(t, d)
	w.closeEdition()
	eventually(t, "the last edition is kept of all", w.allKnown)
	w.keptOnce(t, d, path)
}

// The file system finds a fault and turns read-only under the daemon, as ext4 does. Readers
// are served on, hardly anybody is asked, no feed is blamed, and once the disk is put right
// all that was published is kept once.
func TestReadOnlyDiskUnderTheDaemon(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	disk, image := t.TempDir(), filepath.Join(t.TempDir(), "disk")
	mount := func() {
		t.Helper()
		if out, err := exec.Command("mount", "-o", "loop,errors=remount-ro", image, disk).CombinedOutput(); err != nil {
			t.Skipf("needs the right to mount a file as a disk: %v %s", err, out)
		}
	}
	writeFileT(t, image, "")
	if err := os.Truncate(image, 32<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", image).CombinedOutput(); err != nil {
		t.Skipf("needs mkfs.ext4: %v %s", err, out)
	}
	mount()
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	device, err := exec.Command("findmnt", "-n", "-o", "SOURCE", disk).Output()
	if err != nil || !strings.HasPrefix(string(device), "/dev/loop") {
		t.Skipf("needs to know which device it is: %v %s", err, device)
	}
	bin := program(t)
	path, config := filepath.Join(disk, "aggregator.db"), filepath.Join(t.TempDir(), "aggregator.toml")
	w := newWires(t, 12, path)
	writeFileT(t, config, w.config())
	d := startDaemon(t, bin, config)
	eventually(t, "the first polls", func() bool { return w.published() > 24 })
	fault := filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(device))), "trigger_fs_error")
	if err := os.WriteFile(fault, []byte("a test"), 0); err != nil {
		t.Skip("needs an ext4 that can be told of a fault: ", err)
	}
	eventually(t, "the log says it", func() bool { return strings.Contains(d.log.String(), "the disk is mounted for reading only") })
	asked := w.published()
	for range 10 {
		for _, what := range []string{"/", "/feed.atom", "/api/v1/stories"} {
			if code, _ := get(t, patient, d.address+what); code != http.StatusOK {
				t.Errorf("%s answers %d", what, code)
			}
		}
		<-time.After(100 * time.Millisecond)
	}
	if code, _ := get(t, patient, d.address+"/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d", code)
	}
	if more := w.published() - asked; more > 20 {
		t.Errorf("%d feeds were asked with a disk that can only be read", more)
	}
	out, err := exec.Command(bin, "why", "--config", config, w.URL+"/0").CombinedOutput()
	if text := strings.Join(strings.Fields(string(out)), " "); err != nil || !strings.Contains(text, "cannot be stored at present") {
		t.Errorf("why: %v\n%s", err, text)
	}
	w.blameless(t, d)
	d.kill()
	if err := syscall.Unmount(disk, 0); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("e2fsck", "-f", "-p", image).CombinedOutput(); err != nil && err.(*exec.ExitError).ExitCode() != 1 { // 1: put right
		t.Fatalf("e2fsck: %v %s", err, out)
	}
	mount()
	<-time.After(wireFloor) // the disk may have lost the diary's last notes, which nobody syncs
	w.closeEdition()
	d = startDaemon(t, bin, config)
	eventually(t, "the last edition is kept of all", w.allKnown)
	w.keptOnce(t, d, path)
}
