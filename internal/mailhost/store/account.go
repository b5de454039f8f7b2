package store

// NewAccount makes an account that has no mailboxes.
func (tx *Tx) NewAccount() (AccountID, error) {
	id, err := tx.ledger.id("account")
	if err != nil {
		return 0, err
	}
	return AccountID(id), tx.do("insert into account (id, modseq, created) values ($1, 0, $2)", id, tx.now)
}

// RemoveAccount removes an account with its mailboxes and subscriptions. The
// messages' rows and bytes follow when Sweep comes by.
func (tx *Tx) RemoveAccount(account AccountID) error {
	names, err := tx.mailboxNames("select id, name from mailbox where account = $1", account)
	if err != nil {
		return err
	}
	for _, m := range names {
		if err := tx.removeMailbox(m.id, tx.now); err != nil {
			return err
		}
	}
	if err := tx.do("delete from subscription where account = $1", account); err != nil {
		return err
	}
	delete(tx.ledger.accounts, account)
	return tx.do("delete from account where id = $1", account)
}
