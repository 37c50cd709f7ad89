// Go's own HTTP client, net/http, as moby's client uses it: client PATH COUNT AT_ONCE, the daemon from DOCKER_HOST,
// DOCKER_CERT_PATH. It keeps as many connections as it has requests at once (Go's default is 2), which is its best case.
// It prints {"seconds": …, "amount": …, "bytes": …, "cpu": …}.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func transport(atOnce int) (*http.Transport, string) {
	scheme, address, _ := strings.Cut(os.Getenv("DOCKER_HOST"), "://")
	kept := &http.Transport{MaxIdleConns: atOnce, MaxIdleConnsPerHost: atOnce, MaxConnsPerHost: atOnce, DisableCompression: true}
	if scheme == "unix" {
		dialer := &net.Dialer{}
		kept.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", address)
		}
		return kept, "http://docker"
	}
	folder := os.Getenv("DOCKER_CERT_PATH")
	if os.Getenv("DOCKER_TLS_VERIFY") == "" {
		return kept, "http://" + address
	}
	authority, err := os.ReadFile(folder + "/ca.pem")
	check(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	pair, err := tls.LoadX509KeyPair(folder+"/cert.pem", folder+"/key.pem")
	check(err)
	kept.TLSClientConfig = &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}
	return kept, "https://" + address
}

func get(client *http.Client, url string) int64 {
	reply, err := client.Get(url)
	check(err)
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	check(err)
	if reply.StatusCode != 200 {
		log.Fatal(reply.Status)
	}
	return int64(len(body))
}

// Seconds of CPU so far.
func used() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	path := os.Args[1]
	count, err := strconv.Atoi(os.Args[2])
	check(err)
	atOnce, err := strconv.Atoi(os.Args[3])
	check(err)
	kept, base := transport(atOnce)
	client := &http.Client{Transport: kept}
	url := base + path
	warm := make(chan struct{}, atOnce)
	for i := 0; i < atOnce; i++ {
		go func() { get(client, url); warm <- struct{}{} }()
	}
	for i := 0; i < atOnce; i++ {
		<-warm
	}
	start, before := time.Now(), used()
	var total int64
	if atOnce == 1 {
		for i := 0; i < count; i++ {
			total += get(client, url)
		}
	} else {
		var lock sync.Mutex
		var wait sync.WaitGroup
		work := make(chan struct{})
		for i := 0; i < atOnce; i++ {
			wait.Add(1)
			go func() {
				defer wait.Done()
				for range work {
					size := get(client, url)
					lock.Lock()
					total += size
					lock.Unlock()
				}
			}()
		}
		for i := 0; i < count; i++ {
			work <- struct{}{}
		}
		close(work)
		wait.Wait()
	}
	seconds, cpu := time.Since(start).Seconds(), used()-before
	fmt.Printf("{\"seconds\": %.9f, \"amount\": %d, \"bytes\": %d, \"cpu\": %.9f}\n", seconds, count, total, cpu)
}
