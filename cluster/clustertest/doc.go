// Package clustertest tries the cluster against real NATS servers. It is a module
// of its own, so that the servers do not weigh on the program:
//
//	cd cluster/clustertest && go test ./...
package clustertest
