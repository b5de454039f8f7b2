package guard

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"postern/internal/mailhost/store"
)

// KeepBan makes a ban on connections outlive the server.
func KeepBan(ctx context.Context, s *store.Store, b Ban) error {
	until := int64(0)
	if !b.Until.IsZero() {
		until = b.Until.UnixMicro()
	}
	return s.Apply(ctx, store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(`insert into ban (subject, reason, since, until) values ($1, $2, $3, $4)
			on conflict (subject) do update set reason = excluded.reason, since = excluded.since, until = excluded.until`,
			b.Network.String(), b.Reason, b.Since.UnixMicro(), until)
		return err
	})
}

// ForgetBan ends what KeepBan did, and with it all bans whose time is over. A
// subject that was never kept is no error.
func ForgetBan(ctx context.Context, s *store.Store, network netip.Prefix) error {
	return s.Apply(ctx, store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(`delete from ban where subject = $1 or (until > 0 and until < $2)`,
			network.String(), time.Now().UnixMicro())
		return err
	})
}

// KeptBans are the bans on connections that were kept and still hold.
func KeptBans(ctx context.Context, s *store.Store) ([]Ban, error) {
	var all []Ban
	err := s.Read(ctx, func(tx *store.ReadTx) error {
		rows, err := tx.Query(`select subject, reason, since, until from ban where until = 0 or until > $1`, time.Now().UnixMicro())
		if err != nil {
			return err
		}
		defer rows.Close()
		all = nil
		for rows.Next() {
			b, err := scanBan(rows)
			if err != nil {
				return err
			}
			all = append(all, b)
		}
		return rows.Err()
	})
	return all, err
}

func scanBan(rows store.Rows) (Ban, error) {
	b := Ban{Scope: Connections}
	var subject string
	var since, until int64
	if err := rows.Scan(&subject, &b.Reason, &since, &until); err != nil {
		return b, err
	}
	network, err := netip.ParsePrefix(subject)
	if err != nil {
		return b, fmt.Errorf("a kept ban: %w", err)
	}
	b.Network, b.Since = network, time.UnixMicro(since).UTC()
	if until > 0 {
		b.Until = time.UnixMicro(until).UTC()
	}
	return b, nil
}
