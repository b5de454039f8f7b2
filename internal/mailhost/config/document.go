package config

// document is the file as it is written. The tag want says what the key
// expects, in the words of the errors and in one place.
type document struct {
	Hostname   *string `toml:"hostname" want:"the server's full host name, such as \"mail.example.com\""`
	Data       *string `toml:"data" want:"the path of the data directory"`
	Postmaster *string `toml:"postmaster" want:"the address of an account, such as \"admin@example.com\""`
	Offset     *int64  `toml:"port_offset" want:"a number to add to every standard port, 0 to 60000"`

	Listen      []listenTable      `toml:"listen" want:"a [[listen]] table for each port"`
	Certificate []certificateTable `toml:"certificate" want:"a [[certificate]] table for each certificate"`
	Limits      limitsTable        `toml:"limits" want:"a [limits] table"`
	Guard       guardTable         `toml:"guard" want:"a [guard] table"`
	Activity    activityTable      `toml:"activity" want:"an [activity] table"`
	Log         logTable           `toml:"log" want:"a [log] table"`
}

type listenTable struct {
	Addresses []string `toml:"addresses" want:"a list of IP addresses, such as [\"192.0.2.1\", \"::1\"]"`
	Port      *int64   `toml:"port" want:"a port number, 1 to 65535, or 0 to let the system choose"`
	Protocol  *string  `toml:"protocol" want:"\"smtp\", \"pop3\" or \"imap\""`
	Security  *string  `toml:"security" want:"\"tls\" or \"starttls\" (\"none\" for a relay port only)"`
	Role      *string  `toml:"role" want:"\"relay\" or \"submission\" with smtp, \"access\" with pop3 and imap"`
}

type certificateTable struct {
	File *string `toml:"file" want:"the path of a PEM file: the certificate, then its intermediates"`
	Key  *string `toml:"key" want:"the path of the PEM file with the certificate's key"`
}

type limitsTable struct {
	Connections           *int64  `toml:"connections" want:"a number of connections, at least 1"`
	ConnectionsPerAddress *int64  `toml:"connections_per_address" want:"a number of connections, at least 1"`
	MessageSize           *string `toml:"message_size" want:"a size such as \"50 MB\", at least \"64 KB\""`
	Recipients            *int64  `toml:"recipients" want:"a number of recipients, at least 100 (RFC 5321 §4.5.3.1.8)"`
}

type guardTable struct {
	Window    *string  `toml:"window" want:"a time such as \"30m\""`
	SlowAfter *int64   `toml:"slow_after" want:"a number of failed logins, at least 1"`
	Address   *int64   `toml:"address" want:"a number of failed logins, at least 1"`
	Network   *int64   `toml:"network" want:"a number of failed logins, at least 1"`
	Account   *int64   `toml:"account" want:"a number of failed logins, at least 1"`
	RefuseFor *string  `toml:"refuse_for" want:"a time such as \"15m\""`
	Trusted   []string `toml:"trusted" want:"a list of networks, such as [\"192.0.2.0/24\"]"`
}

type activityTable struct {
	Keep *string `toml:"keep" want:"a time such as \"30d\""`
	Size *string `toml:"size" want:"a size such as \"64 MB\", at least \"1 MB\""`
}

type logTable struct {
	Level  *string `toml:"level" want:"\"debug\", \"info\", \"warn\" or \"error\""`
	Format *string `toml:"format" want:"\"text\" or \"json\""`
}
