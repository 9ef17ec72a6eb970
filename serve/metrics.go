package serve

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"aggregator/feeds"
)

// metrics serves the state of the feeds and of this server for Prometheus. The
// numbers are read when they are asked for; nothing is counted twice.
func (s *server) metrics() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{s}, s.Traffic, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

// Cluster is how this machine stands in a cluster.
type Cluster struct {
	Position, Last        uint64 // the last poll of the log that was applied here, and that there is
	LogBytes              uint64
	Waiting               uint64 // polls that wait for a poller
	UnderWay, Redelivered int    // polls that a poller has, and those of them that another one had before
}

var clusterMetrics = []struct {
	desc  *prometheus.Desc
	value func(c *Cluster) float64
}{
	{prometheus.NewDesc("aggregator_cluster_position", "Number of the last poll of the log that was applied here.", nil, nil), func(c *Cluster) float64 { return float64(c.Position) }},
	{prometheus.NewDesc("aggregator_cluster_log_lag", "Polls of the log that were not applied here yet.", nil, nil), func(c *Cluster) float64 { return float64(max(c.Last, c.Position) - c.Position) }},
	{prometheus.NewDesc("aggregator_cluster_log_bytes", "Size of the log.", nil, nil), func(c *Cluster) float64 { return float64(c.LogBytes) }},
	{prometheus.NewDesc("aggregator_cluster_jobs_waiting", "Polls that wait for a poller.", nil, nil), func(c *Cluster) float64 { return float64(c.Waiting) }},
	{prometheus.NewDesc("aggregator_cluster_jobs_under_way", "Polls that a poller has.", nil, nil), func(c *Cluster) float64 { return float64(c.UnderWay) }},
	{prometheus.NewDesc("aggregator_cluster_jobs_redelivered", "Polls under way that another poller had before.", nil, nil), func(c *Cluster) float64 { return float64(c.Redelivered) }},
}

// collectCluster asks for the cluster's state, where there is one.
func (c collector) collectCluster(ch chan<- prometheus.Metric) {
	if c.Cluster == nil {
		return
	}
	state, err := c.Cluster()
	for _, m := range clusterMetrics {
		if err != nil {
			ch <- prometheus.NewInvalidMetric(m.desc, err)
			return
		}
		ch <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, m.value(&state))
	}
}

type collector struct{ *server }

var (
	overdueMetric    = prometheus.NewDesc("aggregator_feeds_overdue", "Feeds whose next poll should have been ten minutes ago or earlier.", nil, nil)
	silentMetric     = prometheus.NewDesc("aggregator_feeds_silent", "Feeds that were polled and brought no answer that could be read for a day.", nil, nil)
	feedsMetric      = prometheus.NewDesc("aggregator_feeds", "Feeds by the outcome of their last poll.", []string{"outcome"}, nil)
	pollsMetric      = prometheus.NewDesc("aggregator_polls_total", "Polls of all feeds so far.", nil, nil)
	wireMetric       = prometheus.NewDesc("aggregator_feed_bytes_total", "Bytes of all feed bodies so far, as transferred.", nil, nil)
	generationMetric = prometheus.NewDesc("aggregator_story_changes_total", "Generations of the stories since the start.", nil, nil)
	streamsMetric    = prometheus.NewDesc("aggregator_event_streams", "Event streams that are open.", nil, nil)
)

func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{overdueMetric, silentMetric, feedsMetric, pollsMetric, wireMetric, generationMetric, streamsMetric} {
		ch <- d
	}
	for _, m := range clusterMetrics {
		ch <- m.desc
	}
	for _, m := range daemonMetrics {
		ch <- m.desc
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	c.collectCluster(ch)
	c.collectDaemon(ch)
	generation, _ := c.source.Changed()
	ch <- prometheus.MustNewConstMetric(generationMetric, prometheus.CounterValue, float64(generation))
	ch <- prometheus.MustNewConstMetric(streamsMetric, prometheus.GaugeValue, float64(c.streams.Load()))
	list, err := c.feedStates()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(feedsMetric, err)
		return
	}
	var polls, wire, overdue, silent float64
	now := c.Now()
	count := map[feeds.Outcome]int{}
	for _, f := range list {
		polls += float64(f.Polls)
		wire += float64(f.Wire)
		count[f.Outcome]++
		if f.NextDue != nil && now.Sub(*f.NextDue) >= 10*time.Minute {
			overdue++
		}
		if f.Polls > 0 && (f.LastObserved == nil || now.Sub(*f.LastObserved) >= 24*time.Hour) {
			silent++
		}
	}
	for outcome, n := range count {
		if outcome == "" {
			outcome = "not polled yet"
		}
		ch <- prometheus.MustNewConstMetric(feedsMetric, prometheus.GaugeValue, float64(n), string(outcome))
	}
	ch <- prometheus.MustNewConstMetric(overdueMetric, prometheus.GaugeValue, overdue)
	ch <- prometheus.MustNewConstMetric(silentMetric, prometheus.GaugeValue, silent)
	ch <- prometheus.MustNewConstMetric(pollsMetric, prometheus.CounterValue, polls)
	ch <- prometheus.MustNewConstMetric(wireMetric, prometheus.CounterValue, wire)
}
