package store

// refer notes that one row more refers to a message. The first one of all
// goes without saying.
func (tx *Tx) refer(id MessageID) error {
	return tx.do(`insert into shared (message, more) values ($1, 1)
		on conflict (message) do update set more = shared.more + 1`, id)
}

// unrefer notes that one row less refers to a message. The last one takes the
// message along; then segment is where its bytes are, and otherwise 0.
func (tx *Tx) unrefer(id MessageID) (segment int64, err error) {
	var more int
	shared, err := tx.Get("update shared set more = more - 1 where message = $1 returning more", []any{id}, &more)
	if err != nil {
		return 0, err
	}
	if shared {
		if more == 0 {
			err = tx.do("delete from shared where message = $1", id)
		}
		return 0, err
	}
	_, err = tx.Get("delete from message where id = $1 returning segment", []any{id}, &segment)
	return segment, err
}
