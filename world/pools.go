package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/services/wire"
)

// A PoolStatus is one user pool of Status: what an application is set up with.
type PoolStatus struct {
	Name    string            `json:"name"`
	ID      string            `json:"id"`
	Clients map[string]string `json:"clients,omitempty"` // logical ID -> client ID
}

func poolStatuses(m *cloud.Model) (out []PoolStatus) {
	for p := range m.UserPools() {
		s := PoolStatus{Name: p.Name, ID: p.ID, Clients: map[string]string{}}
		for _, c := range p.Clients {
			s.Clients[c.Name] = c.ID
		}
		out = append(out, s)
	}
	return out
}

// A KeysRequest asks for new signing keys of a user pool, by its logical ID or
// its own ID, or for the withdrawal of those that were rotated out.
type KeysRequest struct {
	Pool     string `json:"pool"`
	Withdraw bool   `json:"withdraw,omitempty"`
}

// A KeysReply is what the pool's JWKS has then: the key of ID tokens, that of
// access tokens, then the old ones.
type KeysReply struct {
	Pool string   `json:"pool"`
	KIDs []string `json:"kids"`
}

func (w *World) controlKeys(out http.ResponseWriter, r *http.Request) {
	var req KeysRequest
	if err := json.NewDecoder(http.MaxBytesReader(out, r.Body, 64<<10)).Decode(&req); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	reply, err := w.changeKeys(req)
	if err != nil {
		http.Error(out, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	writeJSON(out, reply)
}

func (w *World) changeKeys(req KeysRequest) (KeysReply, error) {
	id := w.poolID(req.Pool)
	change := w.pools.RotateKeys
	if req.Withdraw {
		change = w.pools.WithdrawKeys
	}
	if err := change(id); err != nil {
		return KeysReply{}, w.noPool(req.Pool, err)
	}
	kids, err := w.pools.KIDs(id)
	return KeysReply{id, kids}, err
}

// poolID is the ID of a user pool called by its logical ID or its name; what is
// neither stays as it is.
func (w *World) poolID(called string) string {
	for p := range w.Model().UserPools() {
		if p.Name == called || p.PoolName == called {
			return p.ID
		}
	}
	return called
}

// noPool says which pools there are, where the refusal is that this one is not.
func (w *World) noPool(called string, err error) error {
	var refused *wire.Error
	if !errors.As(err, &refused) {
		return err
	}
	var names []string
	for p := range w.Model().UserPools() {
		names = append(names, p.Name)
	}
	ids, listErr := w.pools.PoolIDs()
	if listErr != nil {
		return listErr
	}
	for _, id := range ids {
		if !slices.ContainsFunc(names, func(n string) bool { return w.poolID(n) == id }) {
			names = append(names, id)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no user pool %s: the template has none", called)
	}
	return fmt.Errorf("there is no user pool %s; there are: %s", called, strings.Join(names, ", "))
}

// controlMessages tells what AWS would have sent to users.
func (w *World) controlMessages(out http.ResponseWriter, r *http.Request) {
	id := w.poolID(r.URL.Query().Get("pool"))
	enc := json.NewEncoder(out)
	for _, m := range w.pools.Messages() {
		if id != "" && m.Pool != id {
			continue
		}
		if enc.Encode(m) != nil {
			return // the asker has gone
		}
	}
}
