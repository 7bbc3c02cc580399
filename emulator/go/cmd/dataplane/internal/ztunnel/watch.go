package ztunnel

import (
	"log/slog"
	"sync"

	"github.com/oke-ambient-mesh/oke-ambient-mesh/emulator/go/cmd/dataplane/internal/network"
)

// watch holds the accepted connections and resets those that a later policy denies: a waypoint keeps
// connections open, and ztunnel closes them when policy changes.
type watch struct {
	mu   sync.Mutex
	open map[*watched]struct{}
}

type watched struct {
	network.Stream
	connection Connection
	watch      *watch
}

func (w *watch) add(connection Connection, stream network.Stream) network.Stream {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == nil {
		w.open = map[*watched]struct{}{}
	}
	added := &watched{stream, connection, w}
	w.open[added] = struct{}{}
	return added
}

func (c *watched) Close() error {
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	delete(c.watch.open, c)
	return c.Stream.Close()
}

// recheck evaluates the policies again for every open connection.
func (w *watch) recheck(authorize func(Connection) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		if err := authorize(c.connection); err != nil {
			slog.Info("ztunnel: open connection ended", "identity", c.connection.Identity,
				"target", c.connection.Target, "error", err)
			delete(w.open, c)
			network.Reset(c.Stream)
		}
	}
}
