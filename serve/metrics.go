package serve

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"aggregator/feeds"
)

// metrics serves the state of the feeds and of this server for Prometheus. The
// numbers are read when they are asked for; nothing is counted twice.
func (s *server) metrics() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{s})
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

type collector struct{ *server }

var (
	feedsMetric      = prometheus.NewDesc("aggregator_feeds", "Feeds by the outcome of their last poll.", []string{"outcome"}, nil)
	pollsMetric      = prometheus.NewDesc("aggregator_polls_total", "Polls of all feeds so far.", nil, nil)
	wireMetric       = prometheus.NewDesc("aggregator_feed_bytes_total", "Bytes of all feed bodies so far, as transferred.", nil, nil)
	generationMetric = prometheus.NewDesc("aggregator_story_changes_total", "Generations of the stories since the start.", nil, nil)
	streamsMetric    = prometheus.NewDesc("aggregator_event_streams", "Event streams that are open.", nil, nil)
)

func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{feedsMetric, pollsMetric, wireMetric, generationMetric, streamsMetric} {
		ch <- d
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	generation, _ := c.source.Changed()
	ch <- prometheus.MustNewConstMetric(generationMetric, prometheus.CounterValue, float64(generation))
	ch <- prometheus.MustNewConstMetric(streamsMetric, prometheus.GaugeValue, float64(c.streams.Load()))
	list, err := c.feedStates()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(feedsMetric, err)
		return
	}
	var polls, wire float64
	count := map[feeds.Outcome]int{}
	for _, f := range list {
		polls += float64(f.Polls)
		wire += float64(f.Wire)
		count[f.Outcome]++
	}
	for outcome, n := range count {
		if outcome == "" {
			outcome = "not polled yet"
		}
		ch <- prometheus.MustNewConstMetric(feedsMetric, prometheus.GaugeValue, float64(n), string(outcome))
	}
	ch <- prometheus.MustNewConstMetric(pollsMetric, prometheus.CounterValue, polls)
	ch <- prometheus.MustNewConstMetric(wireMetric, prometheus.CounterValue, wire)
}
