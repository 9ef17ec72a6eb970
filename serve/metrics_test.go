package serve

import (
	"context"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// scraped gives the families that /metrics of a whole daemon names.
func scraped(t *testing.T) (map[string]bool, string) {
	t.Helper()
	o := sampleOptions()
	o.Ready = func(context.Context) error { return nil }
	o.Daemon = func() Daemon {
		return Daemon{Version: "1.2.3", StoreBytes: 4096, SinceLook: 3 * time.Second, Loaded: sampleNow, Refused: true}
	}
	o.Cluster = func() (Cluster, error) { return Cluster{}, nil }
	h := New(sample(), o)
	ask(h, "GET", "/healthz")
	ask(h, "GET", "/nothing/here")
	body, err := io.ReadAll(ask(h, "GET", "/metrics").Body)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (aggregator_\w+)`).FindAllStringSubmatch(string(body), -1) {
		names[m[1]] = true
	}
	return names, string(body)
}

// The table of metrics in the operator's manual is what /metrics says.
func TestMetricsAreThoseOfTheManual(t *testing.T) {
	names, body := scraped(t)
	manual, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(aggregator_\\w+)").FindAllStringSubmatch(string(manual), -1) {
		written[m[1]] = true
	}
	if !maps.Equal(names, written) {
		t.Errorf("served:\n%s\nin docs/operations.md:\n%s", list(names), list(written))
	}
	for _, line := range []string{`aggregator_build_info{version="1.2.3"} 1`, "aggregator_ready 1", "aggregator_config_refused 1", "aggregator_store_bytes 4096",
		`aggregator_http_requests_total{code="2xx",route="/healthz"} 1`, `aggregator_http_requests_total{code="4xx",route="/"} 1`} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("no line %q", line)
		}
	}
}

// Dashboard and alerts ask for metrics that there are.
func TestDashboardAndAlertsNameMetricsThatThereAre(t *testing.T) {
	names, _ := scraped(t)
	for _, file := range []string{"../packaging/grafana-dashboard.json", "../packaging/alerts.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		asked := regexp.MustCompile(`aggregator_[a-z_]+`).FindAllString(string(text), -1)
		if len(asked) < 5 {
			t.Errorf("%s names %d metrics", file, len(asked))
		}
		for _, name := range asked {
			family := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if !names[name] && !names[family] {
				t.Errorf("%s asks for %s, which is not served", file, name)
			}
		}
	}
}

func list(names map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(names)), "\n") }
