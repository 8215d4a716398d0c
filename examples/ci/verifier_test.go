// SPDX-License-Identifier: Apache-2.0

// Package verifier holds a TLS stack against every case of `mtls-ca fixtures`. Here it is crypto/tls; put yours into judge.
//
//	mtls-ca fixtures -d fixtures
//	MTLSKIT_FIXTURES=fixtures go test verifier_test.go
package verifier

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Where the stack is known not to say what fixtures.json expects, and why. A row that is not true any more fails its test, too.
var known = map[string]string{
	"rsa-1024":                  "RSA keys of 1,024 bits will do",
	"zero-serial":               "serial numbers are not looked at",
	"negative-serial":           "serial numbers are not looked at",
	"long-serial":               "serial numbers are not looked at",
	"generalized-time":          "either form of time is taken for any year",
	"empty-subject-plain-names": "subjectAltName need not be critical",
}

type fixture struct {
	Case, Folder, Description, Purpose, Expect, RFC, Check, Revocation string
	Host                                                               *string
	Files                                                              map[string]string
}

type document struct {
	Schema string
	Time   *time.Time
	Cases  []fixture
}

func root() string {
	if folder := os.Getenv("MTLSKIT_FIXTURES"); folder != "" {
		return folder
	}
	return "fixtures"
}

func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(), folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// shown is what the other end shows: the chain as it stands, whatever Go's own parser thinks of it.
func shown(t *testing.T, folder string) tls.Certificate {
	t.Helper()
	var certificate tls.Certificate
	for rest := read(t, folder, "chain.pem"); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate.Certificate = append(certificate.Certificate, block.Bytes)
	}
	block, _ := pem.Decode(read(t, folder, "key.pem"))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Skipf("Go does not show such a chain: %v", err)
	}
	certificate.PrivateKey = key
	return certificate
}

// judge is the end under test, set up as your program does it.
func judge(t *testing.T, row fixture, end net.Conn, now func() time.Time) *tls.Conn {
	t.Helper()
	anchors := x509.NewCertPool()
	// an anchor that cannot be read is not trusted
	anchors.AppendCertsFromPEM(read(t, row.Folder, row.Files["anchors"]))
	if row.Purpose == "server" {
		return tls.Client(end, &tls.Config{RootCAs: anchors, ServerName: *row.Host, Time: now})
	}
	return tls.Server(end, &tls.Config{
		ClientCAs:    anchors,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		Certificates: []tls.Certificate{shown(t, "good-server")}, // which nobody looks at here
		Time:         now,
	})
}

// stranger is the end that shows the case's chain. It is no part of the test: it takes anything.
func stranger(t *testing.T, row fixture, end net.Conn) *tls.Conn {
	t.Helper()
	certificate := shown(t, row.Folder)
	if row.Purpose == "server" {
		return tls.Server(end, &tls.Config{Certificates: []tls.Certificate{certificate}})
	}
	return tls.Client(end, &tls.Config{
		InsecureSkipVerify: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &certificate, nil
		},
	})
}

// handshake has the end under test speak with the other, and gives what it said.
func handshake(t *testing.T, row fixture, now func() time.Time) error {
	t.Helper()
	one, other := net.Pipe()
	defer one.Close()
	defer other.Close()
	deadline := time.Now().Add(10 * time.Second)
	_ = one.SetDeadline(deadline)
	_ = other.SetDeadline(deadline)
	tested, shows := judge(t, row, one, now), stranger(t, row, other)
	go func() {
		_ = shows.Handshake()
		// reads what the end under test has to say until it is closed
		_, _ = shows.Read(make([]byte, 1))
	}()
	return tested.Handshake()
}

func TestSaysWhatIsRight(t *testing.T) {
	var all document
	if err := json.Unmarshal(read(t, "", "fixtures.json"), &all); err != nil || all.Schema != "mtlskit.fixtures/1" {
		t.Fatalf("no fixtures in %s: %v", root(), err)
	}
	now := time.Now
	if all.Time != nil {
		now = func() time.Time { return *all.Time }
	}
	for _, row := range all.Cases {
		row := row
		if row.Check != "chain" {
			continue
		}
		t.Run(row.Case, func(t *testing.T) {
			if row.Revocation != "" {
				t.Skip("crypto/tls looks at no revocation")
			}
			said, why := "accept", "the handshake succeeded"
			if err := handshake(t, row, now); err != nil {
				said, why = "reject", err.Error()
			}
			if reason, is := known[row.Case]; is {
				if said == row.Expect {
					t.Errorf("take it out of known: it is right now (%s)", why)
				}
				t.Skip(reason)
			}
			if said != row.Expect {
				t.Errorf("%s (%s): it says %s: %s", row.Description, row.RFC, said, why)
			}
		})
	}
}
