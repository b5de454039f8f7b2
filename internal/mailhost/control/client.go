package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"postern/internal/mailhost/activity"
	"postern/internal/mailhost/guard"
	"postern/internal/secret"
)

// ErrNotRunning says that nobody listens on the socket.
var ErrNotRunning = errors.New("the server is not running")

// Client is the Admin of a running server.
type Client struct {
	socket string
	http   *http.Client
}

// Dial returns the client of the server that runs on a data directory, or an
// error that matches ErrNotRunning.
func Dial(ctx context.Context, data string) (*Client, error) {
	socket := SocketPath(data)
	probe, err := dialUnix(ctx, socket)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%w (nobody listens at %s)", ErrNotRunning, socket)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("%w; run this as the server's user or as root", err)
	case err != nil:
		return nil, err
	}
	probe.Close()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dialUnix(ctx, socket) },
	}
	return &Client{socket, &http.Client{Transport: transport}}, nil
}

// call runs one operation of the server.
func call[Item, Req any](ctx context.Context, c *Client, path string, req Req) ([]Item, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://postern"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("the server at %s: %w", c.socket, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		return nil, fmt.Errorf("the server at %s answered %s: %s (another version of Postern? restart it)",
			c.socket, resp.Status, strings.TrimSpace(string(text)))
	}
	return readAnswer[Item](resp.Body)
}

// act is call for operations that return nothing.
func act[Req any](ctx context.Context, c *Client, path string, req Req) error {
	_, err := call[nothing](ctx, c, path, req)
	return err
}

// one is call for operations that return one item.
func one[Item any](ctx context.Context, c *Client, path string) (Item, error) {
	var item Item
	items, err := call[Item](ctx, c, path, nothing{})
	if err == nil && len(items) != 1 {
		err = fmt.Errorf("the server at %s gave %d answers instead of one", c.socket, len(items))
	}
	if err == nil {
		item = items[0]
	}
	return item, err
}

// AddDomain implements Admin.
func (c *Client) AddDomain(ctx context.Context, name string) error {
	return act(ctx, c, pathDomainAdd, named{name})
}

// Domains implements Admin.
func (c *Client) Domains(ctx context.Context) ([]Domain, error) {
	return call[Domain](ctx, c, pathDomainList, nothing{})
}

// RemoveDomain implements Admin.
func (c *Client) RemoveDomain(ctx context.Context, name string) error {
	return act(ctx, c, pathDomainRemove, named{name})
}

// AddAccount implements Admin.
func (c *Client) AddAccount(ctx context.Context, address string, password secret.Secret) error {
	return act(ctx, c, pathAccountAdd, credentials{address, password.Reveal()})
}

// Accounts implements Admin.
func (c *Client) Accounts(ctx context.Context, domain string) ([]Account, error) {
	return call[Account](ctx, c, pathAccountList, named{domain})
}

// SetPassword implements Admin.
func (c *Client) SetPassword(ctx context.Context, address string, password secret.Secret) error {
	return act(ctx, c, pathAccountPasswd, credentials{address, password.Reveal()})
}

// RemoveAccount implements Admin.
func (c *Client) RemoveAccount(ctx context.Context, address string) error {
	return act(ctx, c, pathAccountRemove, named{address})
}

// AddBan implements Admin.
func (c *Client) AddBan(ctx context.Context, ban guard.Ban) error {
	return act(ctx, c, pathBanAdd, banRequest{ban})
}

// Bans implements Admin.
func (c *Client) Bans(ctx context.Context) ([]guard.Ban, error) {
	return call[guard.Ban](ctx, c, pathBanList, nothing{})
}

// RemoveBan implements Admin.
func (c *Client) RemoveBan(ctx context.Context, subject string) error {
	return act(ctx, c, pathBanRemove, named{subject})
}

// Attempts implements Admin.
func (c *Client) Attempts(ctx context.Context, filter activity.Filter) ([]activity.Attempt, error) {
	return call[activity.Attempt](ctx, c, pathAttempts, attemptRequest{filter})
}

// Reload has the server read its configuration again.
func (c *Client) Reload(ctx context.Context) (Reloaded, error) {
	return one[Reloaded](ctx, c, pathReload)
}

// Status asks the server about itself.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return one[Status](ctx, c, pathStatus)
}

// Close implements Admin.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}
