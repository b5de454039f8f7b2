package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/guard"
	"postern/internal/secret"
)

// Served is what a Server offers on the socket.
type Served struct {
	Admin   Admin
	Reload  func(context.Context) (Reloaded, error)
	Status  func() Status
	Healthy func(context.Context) error
	Metrics prometheus.Gatherer
	Logger  *slog.Logger
}

// Status is what a server says of itself.
type Status struct {
	Version   string      `json:"version"`
	PID       int         `json:"pid"`
	Hostname  string      `json:"hostname"`
	Started   time.Time   `json:"started"`
	Sessions  int         `json:"sessions"`
	Listening []Listening `json:"listening"`
}

// Listening is one open port.
type Listening struct {
	Address  string `json:"address"` // host:port as bound
	Protocol string `json:"protocol"`
	Security string `json:"security"`
	Role     string `json:"role"`
}

// Server answers commands on the socket of a data directory.
type Server struct {
	http     *http.Server
	listener net.Listener
	socket   string
	done     chan struct{}
}

// Listen opens the socket. Whoever calls it has the data directory's lock, so
// that a socket found there is a dead server's.
func Listen(data string, s Served) (*Server, error) {
	socket := SocketPath(data)
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := listenUnix(socket)
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", socket, err)
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("control socket: %w", err)
	}
	server := &Server{
		http: &http.Server{
			Handler:           onlyTheOwner(s.Logger, routes(s)),
			ConnContext:       withPeer,
			ReadHeaderTimeout: 10 * time.Second,
			ReadTimeout:       time.Minute,
			ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelWarn),
		},
		listener: l, socket: socket, done: make(chan struct{}),
	}
	go func() {
		defer close(server.done)
		server.http.Serve(l)
	}()
	return server, nil
}

// Close lets the commands at hand end, until ctx does, and removes the socket.
func (s *Server) Close(ctx context.Context) {
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
	<-s.done
	os.Remove(s.socket)
}

func routes(s Served) http.Handler {
	mux := http.NewServeMux()
	a := s.Admin
	op(mux, pathDomainAdd, func(ctx context.Context, r named) ([]nothing, error) { return nil, a.AddDomain(ctx, r.Name) })
	op(mux, pathDomainList, func(ctx context.Context, _ nothing) ([]Domain, error) { return a.Domains(ctx) })
	op(mux, pathDomainRemove, func(ctx context.Context, r named) ([]nothing, error) { return nil, a.RemoveDomain(ctx, r.Name) })
	op(mux, pathAccountAdd, func(ctx context.Context, r credentials) ([]nothing, error) {
		return nil, a.AddAccount(ctx, r.Address, secret.New(r.Password))
	})
	op(mux, pathAccountList, func(ctx context.Context, r named) ([]Account, error) { return a.Accounts(ctx, r.Name) })
	op(mux, pathAccountPasswd, func(ctx context.Context, r credentials) ([]nothing, error) {
		return nil, a.SetPassword(ctx, r.Address, secret.New(r.Password))
	})
	op(mux, pathAccountRemove, func(ctx context.Context, r named) ([]nothing, error) { return nil, a.RemoveAccount(ctx, r.Name) })
	op(mux, pathBanAdd, func(ctx context.Context, r banRequest) ([]nothing, error) { return nil, a.AddBan(ctx, r.Ban) })
	op(mux, pathBanList, func(ctx context.Context, _ nothing) ([]guard.Ban, error) { return a.Bans(ctx) })
	op(mux, pathBanRemove, func(ctx context.Context, r named) ([]nothing, error) { return nil, a.RemoveBan(ctx, r.Name) })
	op(mux, pathAttempts, func(ctx context.Context, r attemptRequest) ([]activity.Attempt, error) {
		return a.Attempts(ctx, r.Filter)
	})
	op(mux, pathReload, func(ctx context.Context, _ nothing) ([]Reloaded, error) {
		done, err := s.Reload(ctx)
		return []Reloaded{done}, err
	})
	op(mux, pathStatus, func(context.Context, nothing) ([]Status, error) { return []Status{s.Status()}, nil })
	observe(mux, s)
	return mux
}

// observe adds what monitoring reads.
func observe(mux *http.ServeMux, s Served) {
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Healthy(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}

// op serves one operation: decode strictly, act, answer.
func op[Req, Item any](mux *http.ServeMux, path string, act func(context.Context, Req) ([]Item, error)) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var req Req
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&req); err != nil {
			http.Error(w, "the request can't be understood: "+err.Error(), http.StatusBadRequest)
			return
		}
		items, err := act(r.Context(), req)
		writeAnswer(w, items, err)
	})
}
