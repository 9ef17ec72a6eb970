package config

import (
	"strings"
	"testing"
)

const oneOutlet = "[[outlet]]\nname = \"Harbour Post\"\nhome = \"https://harbourpost.example/\"\n[[outlet.feed]]\nurl = \"https://harbourpost.example/feed\"\n"

func TestClusterKeys(t *testing.T) {
	c, err := Parse("/etc/aggregator/aggregator.toml", []byte(`
[cluster]
url = "nats://10.0.0.1:4222,tls://nats.example.org:4222"
name = "desk_2"
credentials = "desk.creds"
replicas = 3
max_age = "30d"
max_bytes = "100GiB"
`+oneOutlet))
	if err != nil {
		t.Fatal(err)
	}
	if c.Cluster.Credentials != "/etc/aggregator/desk.creds" {
		t.Errorf("a file that is named without a folder is looked for at %s", c.Cluster.Credentials)
	}
	if c.Cluster.MaxBytes != 100<<30 || c.Cluster.MaxAge != 30*day || c.Cluster.Replicas != 3 {
		t.Errorf("%+v", c.Cluster)
	}
	for text, want := range map[string]string{
		`url = "http://10.0.0.1:4222"`:       "not the address of a NATS server",
		`url = "nats://me:secret@10.0.0.1/"`: "holds a name or password",
		`name = "news desk"`:                 "cannot begin the name of a stream",
		`replicas = 9`:                       "",
	} {
		_, err := Parse("x.toml", []byte("[cluster]\n"+text+"\n"+oneOutlet))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want words like %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the problem repeats the password: %v", text, err)
		}
	}
}
