package serve

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Daemon is what the daemon says of itself, for the metrics.
type Daemon struct {
	Version string
	// StoreBytes is the size of the store's file.
	StoreBytes int64
	// SinceLook is how long ago the schedule was last looked at.
	SinceLook time.Duration
	// Loaded is when the configuration that holds was read; Refused says that a
	// newer one was refused since.
	Loaded  time.Time
	Refused bool
}

var daemonMetrics = []struct {
	desc  *prometheus.Desc
	value func(d *Daemon) float64
}{
	{prometheus.NewDesc("aggregator_store_bytes", "Size of the store's file.", nil, nil), func(d *Daemon) float64 { return float64(d.StoreBytes) }},
	{prometheus.NewDesc("aggregator_scheduler_idle_seconds", "Time since the schedule was last looked at; at most 30 when all is well.", nil, nil), func(d *Daemon) float64 { return d.SinceLook.Seconds() }},
	{prometheus.NewDesc("aggregator_config_loaded_timestamp_seconds", "When the configuration that holds was read.", nil, nil), func(d *Daemon) float64 { return float64(d.Loaded.UnixMilli()) / 1000 }},
	{prometheus.NewDesc("aggregator_config_refused", "1 when a newer configuration was refused and the one before goes on.", nil, nil), func(d *Daemon) float64 { return one(d.Refused) }},
	{readyMetric, nil},
	{buildMetric, nil},
}

var (
	readyMetric = prometheus.NewDesc("aggregator_ready", "1 while feeds are scheduled and the store can write (as /readyz).", nil, nil)
	buildMetric = prometheus.NewDesc("aggregator_build_info", "Always 1; the version is its label.", []string{"version"}, nil)
)

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// collectDaemon asks the daemon, where there is one.
func (c collector) collectDaemon(ch chan<- prometheus.Metric) {
	if c.Ready != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		ch <- prometheus.MustNewConstMetric(readyMetric, prometheus.GaugeValue, one(c.Ready(ctx) == nil))
	}
	if c.Daemon == nil {
		return
	}
	d := c.Daemon()
	for _, m := range daemonMetrics {
		if m.value != nil {
			ch <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, m.value(&d))
		}
	}
	ch <- prometheus.MustNewConstMetric(buildMetric, prometheus.GaugeValue, 1, d.Version)
}

// Traffic counts what is asked and how long answers take. One Traffic serves all
// handlers that follow each other in a process, so that a reload counts on. It is
// safe for concurrent use.
type Traffic struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewTraffic makes counters that stand at nothing.
func NewTraffic() *Traffic {
	return &Traffic{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aggregator_http_requests_total", Help: "Answers by route and status class."}, []string{"route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "aggregator_http_request_seconds",
			Help: "Time to answer, event streams left out.", Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10}}, []string{"route"}),
	}
}

// Describe implements prometheus.Collector.
func (t *Traffic) Describe(ch chan<- *prometheus.Desc) {
	t.requests.Describe(ch)
	t.seconds.Describe(ch)
}

// Collect implements prometheus.Collector.
func (t *Traffic) Collect(ch chan<- prometheus.Metric) { t.requests.Collect(ch); t.seconds.Collect(ch) }

// count has next's answers counted, by the patterns of the routes, which are few.
func (t *Traffic) count(next http.Handler, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		_, route, found := strings.Cut(r.Pattern, " ") // set by the mux
		if !found {
			route = r.Pattern
		}
		t.requests.WithLabelValues(route, strconv.Itoa(seen.status/100)+"xx").Inc()
		if route != "/api/v1/events" {
			t.seconds.WithLabelValues(route).Observe(now().Sub(start).Seconds())
		}
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach what flushes and sets deadlines.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
