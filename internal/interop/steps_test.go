package interop

// The wrong first steps, and what each program must show.
var steps = []step{
	{
		title:   "Plain text on a port that begins with TLS",
		meaning: "The user chose \"no encryption\" or \"STARTTLS\" together with port 993, 995 or 465. Such a program waits for a greeting, and the server waits for TLS; after 15 seconds the server says in plain text what to choose.",
		fault:   "GW08",
		tries: []try{
			{"curl", "imap", "curl --verbose --user {user}:{password} imap://localhost:{993}/", []string{"* BYE this port begins with TLS: choose SSL/TLS for port 993, or STARTTLS with port 143"}},
			{"curl", "pop3", "curl --verbose --user {user}:{password} pop3://localhost:{995}/", []string{"this port begins with TLS: choose SSL/TLS for port 995, or STARTTLS with port 110"}},
			{"curl", "smtp", "curl --verbose --user {user}:{password} smtp://localhost:{465}/", []string{"this port begins with TLS: choose SSL/TLS for port 465, or STARTTLS with port 587"}},
			{"openssl", "imap", "openssl s_client -starttls imap -connect localhost:{993} </dev/null", []string{"Didn't find STARTTLS in server response"}},
			{"openssl", "smtp", "openssl s_client -starttls smtp -connect localhost:{465} </dev/null", []string{"Didn't find STARTTLS in server response"}},
			{"mutt", "imap", "mutt -f imap://{user}@localhost:{993}/", []string{"this port begins with TLS: choose SSL/TLS for port 993"}},
			{"mutt", "pop3", "mutt -f pop://localhost:{995}/", []string{"this port begins with TLS: choose SSL/TLS for port 995"}},
			{"mutt", "smtp", "mutt -e 'set smtp_url=smtp://bob@localhost:{465}/' -s test bob@example.test </dev/null", []string{"this port begins with TLS: choose SSL/TLS for port 465"}},
			{"mbsync", "imap", "mbsync with Port {993}, SSLType STARTTLS", []string{"this port begins with TLS: choose SSL/TLS for port 993, or STARTTLS with port 143"}},
		},
	},
	{
		title:   "TLS on a port that begins in plain text",
		meaning: "The user chose \"SSL/TLS\" together with port 143, 110 or 587. The program's TLS library throws away what the server says in plain text; but the server remembers the address, and when the program tries again, tells it inside TLS.",
		fault:   "GW07",
		tries: []try{
			{"curl", "imap", "curl --verbose --cacert {ca} --user {user}:{password} imaps://localhost:{143}/", []string{"wrong version number"}},
			{"curl", "imap", "curl --verbose --cacert {ca} --user {user}:{password} imaps://localhost:{143}/ # again", []string{"* BYE this port begins in plain text: choose STARTTLS for port 143, or SSL/TLS with port 993"}},
			{"curl", "pop3", "curl --verbose --cacert {ca} --user {user}:{password} pop3s://localhost:{110}/", []string{"wrong version number"}},
			{"curl", "pop3", "curl --verbose --cacert {ca} --user {user}:{password} pop3s://localhost:{110}/ # again", []string{"this port begins in plain text: choose STARTTLS for port 110, or SSL/TLS with port 995"}},
			{"curl", "smtp", "curl --verbose --cacert {ca} --user {user}:{password} smtps://localhost:{587}/", []string{"wrong version number"}},
			{"curl", "smtp", "curl --verbose --cacert {ca} --user {user}:{password} smtps://localhost:{587}/ # again", []string{"this port begins in plain text: choose STARTTLS for port 587, or SSL/TLS with port 465"}},
			{"openssl", "imap", "openssl s_client -quiet -CAfile {ca} -connect localhost:{143} </dev/null", []string{"wrong version number"}},
			{"openssl", "imap", "openssl s_client -quiet -CAfile {ca} -connect localhost:{143} </dev/null # again", []string{"this port begins in plain text: choose STARTTLS for port 143, or SSL/TLS with port 993"}},
			{"mutt", "imap", "mutt -f imaps://{user}@localhost:{143}/", []string{"An unexpected TLS packet was received"}},
			{"mutt", "imap", "mutt -f imaps://{user}@localhost:{143}/ # again", []string{"this port begins in plain text: choose STARTTLS for port 143"}},
			{"mbsync", "imap", "mbsync with Port {143}, SSLType IMAPS", []string{"wrong version number"}},
			{"mbsync", "imap", "mbsync with Port {143}, SSLType IMAPS # again", []string{"this port begins in plain text: choose STARTTLS for port 143, or SSL/TLS with port 993"}},
		},
	},
	{
		title:   "Another protocol than the port's",
		meaning: "The user took IMAP's port for POP3 or the other way round, or typed a mail port into a browser. A mail program waits for a greeting of its own protocol, so what it shows depends on how it reads another one; many wait until they or the user give up.",
		tries: []try{
			{"curl", "http", "curl --silent --http0.9 http://localhost:{143}/", []string{"this port speaks IMAP, not HTTP"}},
			{"curl", "https", "curl --silent --http0.9 --cacert {ca} https://localhost:{993}/", []string{"this port speaks IMAP, not HTTP"}},
			{"curl", "smtp", "curl --verbose --max-time 3 smtp://localhost:{143}/", []string{"* OK", "IMAP"}},
			{"curl", "pop3", "curl --verbose --max-time 3 pop3://localhost:{143}/", []string{"* OK", "IMAP"}},
			{"curl", "imap", "curl --verbose --max-time 3 imap://localhost:{110}/", []string{"+OK", "POP3"}},
			{"openssl", "http", "(echo 'GET / HTTP/1.0'; sleep 1) | openssl s_client -quiet -crlf -CAfile {ca} -connect localhost:{993}", []string{"this port speaks IMAP, not HTTP"}},
			{"mutt", "pop3", "mutt -f pop://localhost:{143}/", []string{"IMAP"}},
			{"mutt", "smtp", "mutt -e 'set smtp_url=smtp://bob@localhost:{143}/' -s test bob@example.test </dev/null", []string{"Invalid server response"}},
			{"mbsync", "starttls", "mbsync with Port {110}, SSLType STARTTLS", []string{"unexpected reply: +OK mail.example.test POP3 ready"}},
			{"mbsync", "tls", "mbsync with Port {995}, SSLType IMAPS", []string{"unexpected reply: +OK mail.example.test POP3 ready"}},
		},
	},
	{
		title:   "Reading without encryption",
		meaning: "The user chose \"no encryption\" with port 143 or 110. The server offers no login there before STARTTLS.",
		fault:   "GW09",
		tries: []try{
			{"curl", "imap", "curl --verbose --user {user}:{password} imap://localhost:{143}/", []string{"LOGINDISABLED", "Login denied"}},
			{"curl", "pop3", "curl --verbose --user {user}:{password} pop3://localhost:{110}/", []string{"STLS", "Login denied"}},
			{"mutt", "imap", "mutt -e 'set ssl_starttls=no ssl_force_tls=no' -f imap://{user}@localhost:{143}/", []string{"LOGIN disabled on this server"}},
			{"mutt", "pop3", "mutt -e 'set ssl_starttls=no ssl_force_tls=no' -f pop://localhost:{110}/", []string{"No authenticators available"}},
		},
	},
	{
		title:   "Reading without encryption, by a program that leaves at once",
		meaning: "As before; but mbsync ends when it reads LOGINDISABLED in the greeting, and has said nothing that the server could record.",
		tries: []try{
			{"mbsync", "imap", "mbsync with Port {143}, SSLType None", []string{"server supports no acceptable authentication mechanism"}},
		},
	},
	{
		title:   "Sending without encryption",
		meaning: "The user chose \"no encryption\" with port 587. There, too, no login is offered before STARTTLS.",
		tries: []try{
			{"curl", "smtp", "curl --verbose --user {user}:{password} --mail-from {user} --mail-rcpt {user} --upload-file /dev/null smtp://localhost:{587}/", []string{"530 5.7.0 encrypt first, then log in to send as bob@example.test: choose STARTTLS for the outgoing server"}},
			{"mutt", "smtp", "mutt -e 'set ssl_starttls=no ssl_force_tls=no smtp_url=smtp://bob@localhost:{587}/' -s test bob@example.test </dev/null", []string{"530 5.7.0 encrypt first, then log in to send as bob@example.test: choose STARTTLS for the outgoing server"}},
		},
	},
	{
		title:   "A wrong password",
		meaning: "The reply says so, with the reminder that the name is the whole address, and carries the session id by which the server's owner finds the attempt.",
		fault:   "AU01",
		tries: []try{
			{"curl", "imap", "curl --verbose --cacert {ca} --user {user}:wrong imaps://localhost:{993}/", []string{"NO [AUTHENTICATIONFAILED] wrong name or password; the name is the full address", "Login denied"}},
			{"curl", "pop3", "curl --verbose --cacert {ca} --user {user}:wrong pop3s://localhost:{995}/", []string{"-ERR [AUTH] wrong name or password; the name is the full address", "Login denied"}},
			{"curl", "smtp", "curl --verbose --cacert {ca} --user {user}:wrong smtps://localhost:{465}/", []string{"535 5.7.8 wrong name or password; the name is the full address", "Login denied"}},
			{"openssl", "imap", "(echo 'a1 LOGIN {user} wrong'; sleep 1; echo 'a2 LOGOUT') | openssl s_client -quiet -crlf -CAfile {ca} -connect localhost:{993}", []string{"a1 NO [AUTHENTICATIONFAILED] wrong name or password"}},
			{"mutt", "imap", "mutt -e 'set imap_pass=wrong' -f imaps://{user}@localhost:{993}/", []string{"SASL authentication failed"}},
			{"mutt", "pop3", "mutt -e 'set pop_pass=wrong' -f pops://localhost:{995}/", []string{"wrong name or password"}},
			{"mutt", "smtp", "mutt -e 'set smtp_pass=wrong smtp_url=smtps://bob%40example.test@localhost:{465}/' -s test bob@example.test </dev/null", []string{"SASL authentication failed"}},
			{"mbsync", "imap", "mbsync with Port {993}, SSLType IMAPS, Pass wrong", []string{"wrong name or password; the name is the full address"}},
		},
	},
	{
		title:   "The name without its domain",
		meaning: "The user typed \"bob\" where the whole address is the name.",
		fault:   "AU01",
		tries: []try{
			{"curl", "imap", "curl --verbose --cacert {ca} --user bob:{password} imaps://localhost:{993}/", []string{"the name is the full address", "Login denied"}},
			{"curl", "smtp", "curl --verbose --cacert {ca} --user bob:{password} smtps://localhost:{465}/", []string{"the name is the full address", "Login denied"}},
			{"mutt", "pop3", "mutt -e 'set pop_user=bob' -f pops://localhost:{995}/", []string{"the name is the full address"}},
			{"mbsync", "imap", "mbsync with Port {993}, SSLType IMAPS, User bob", []string{"the name is the full address"}},
		},
	},
	{
		title:   "A certificate of an unknown authority",
		meaning: "The server made its own authority, and the program was not told to trust it.",
		tries: []try{
			{"curl", "imap", "curl --verbose --user {user}:{password} imaps://localhost:{993}/", []string{"unable to get local issuer certificate"}},
			{"openssl", "imap", "openssl s_client -quiet -verify_return_error -connect localhost:{993} </dev/null", []string{"unable to get local issuer certificate"}},
			{"mutt", "imap", "mutt -e 'set ssl_ca_certificates_file=/etc/ssl/certs/ca-certificates.crt' -f imaps://{user}@localhost:{993}/", []string{"This certificate belongs to:"}},
			{"mbsync", "imap", "mbsync with Port {993}, SSLType IMAPS, CertificateFile /etc/ssl/certs/ca-certificates.crt", []string{"unable to get local issuer certificate"}},
		},
	},
	{
		title:       "A certificate for another name",
		meaning:     "The user typed a name that leads to the server but is not in its certificate.",
		certificate: "mail.example.test",
		tries: []try{
			{"curl", "imap", "curl --verbose --cacert {ca} --user {user}:{password} imaps://localhost:{993}/", []string{"no alternative certificate subject name matches target host name 'localhost'"}},
			{"openssl", "imap", "openssl s_client -quiet -verify_return_error -verify_hostname localhost -CAfile {ca} -connect localhost:{993} </dev/null", []string{"hostname mismatch"}},
			{"mutt", "imap", "mutt -f imaps://{user}@localhost:{993}/", []string{"Server hostname does not match certificate"}},
			{"mbsync", "imap", "mbsync with Port {993}, SSLType IMAPS", []string{"certificate owner does not match hostname localhost"}},
		},
	},
	{
		title:   "Login on the port for other mail servers",
		meaning: "The user left port 25 for sending, as some programs suggest. Nobody logs in there.",
		tries: []try{
			{"curl", "smtp", "curl --verbose --ssl-reqd --cacert {ca} --user {user}:{password} --mail-from {user} --mail-rcpt someone@elsewhere.test --upload-file /dev/null smtp://localhost:{25}/", []string{"550 5.7.1"}},
			{"mutt", "smtp", "mutt -e 'set smtp_url=smtp://bob%40example.test@localhost:{25}/' -s test someone@elsewhere.test </dev/null", []string{"Could not send the message"}},
		},
	},
}
