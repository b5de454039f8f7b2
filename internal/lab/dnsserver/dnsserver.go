// Package dnsserver is a DNS server for tests and demonstrations on loopback.
//
// It answers like a resolver, from a [Zone], which is data: records in
// zone-file syntax, and for single names another behaviour, such as an error
// code, a delay or silence. It speaks UDP and TCP on the same port. It never
// asks another server; a name outside its zone is refused.
//
// RFC 1034, RFC 1035, RFC 2308 (negative answers).
package dnsserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Server is a running DNS server.
type Server struct {
	addr netip.AddrPort
	data *data
	udp  *dns.Server
	tcp  *dns.Server

	ctx    context.Context // ends delays and silence
	cancel context.CancelFunc

	mu        sync.Mutex
	questions map[string]int
}

// Start listens on the address, on UDP and TCP; port 0 takes any port that is
// free on both.
func Start(at netip.AddrPort, zone Zone) (*Server, error) {
	d, err := parse(zone)
	if err != nil {
		return nil, err
	}
	packets, listener, err := listen(at)
	if err != nil {
		return nil, fmt.Errorf("start DNS server: %w", err)
	}
	s := &Server{
		addr:      listener.Addr().(*net.TCPAddr).AddrPort(),
		data:      d,
		questions: make(map[string]int),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var started sync.WaitGroup
	started.Add(2)
	s.udp = &dns.Server{PacketConn: packets, Handler: s, NotifyStartedFunc: started.Done}
	s.tcp = &dns.Server{Listener: listener, Handler: s, NotifyStartedFunc: started.Done}
	go s.udp.ActivateAndServe()
	go s.tcp.ActivateAndServe()
	started.Wait() // Shutdown fails on a server that has not started
	return s, nil
}

// attempts bounds how often Start looks for a port that UDP and TCP have free.
const attempts = 20

func listen(at netip.AddrPort) (net.PacketConn, net.Listener, error) {
	var errs error
	for range attempts {
		listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
		if err != nil {
			return nil, nil, err
		}
		packets, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(listener.Addr().(*net.TCPAddr).AddrPort()))
		if err == nil {
			return packets, listener, nil
		}
		errs = err
		listener.Close()
		if at.Port() != 0 {
			break
		}
	}
	return nil, nil, errs
}

// Addr returns where the server listens.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// Questions returns how often a name was asked for, whatever the type.
func (s *Server) Questions(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.questions[dns.CanonicalName(name)]
}

// Close ends the server. Questions that wait for a delayed answer get none.
func (s *Server) Close() error {
	s.cancel()
	return errors.Join(s.udp.Shutdown(), s.tcp.Shutdown())
}

// ServeDNS answers one question; it is called by the library.
func (s *Server) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	if len(request.Question) != 1 {
		w.WriteMsg(new(dns.Msg).SetRcode(request, dns.RcodeFormatError))
		return
	}
	question := request.Question[0]
	name := dns.CanonicalName(question.Name)
	s.mu.Lock()
	s.questions[name]++
	s.mu.Unlock()

	behaviour := s.data.behaviour(name, question.Qtype)
	if behaviour.Silent || !s.wait(behaviour) {
		return
	}
	reply := s.data.answer(request, behaviour)
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size := dns.MinMsgSize
		if opt := request.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		reply.Truncate(size)
	}
	w.WriteMsg(reply)
}

// wait holds an answer back and tells whether it is still to be sent.
func (s *Server) wait(b Behaviour) bool {
	if b.Delay == 0 {
		return true
	}
	timer := time.NewTimer(b.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}
