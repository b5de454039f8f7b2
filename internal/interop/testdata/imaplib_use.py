"""Appends a file, works on it and leaves one copy in Archive:
CA PORT SECURITY USER PASSWORD FILE."""

import imaplib
import ssl
import sys
import time

ca, port, security, user, password, file = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
if security == "tls":
    client = imaplib.IMAP4_SSL("localhost", int(port), ssl_context=context)
else:
    client = imaplib.IMAP4("localhost", int(port))
    assert "LOGINDISABLED" in client.capabilities, client.capabilities
    client.starttls(ssl_context=context)


def ok(answer):
    status, data = answer
    assert status == "OK", answer
    return data


with open(file, "rb") as f:
    message = f.read()
ok(client.login(user, password))
ok(client.create("Projekte/K&APY-ln"))  # K\u00f6ln in modified UTF-7
ok(client.append("Projekte/K&APY-ln", r"(\Seen)", imaplib.Time2Internaldate(time.time()), message))
assert ok(client.select("Projekte/K&APY-ln")) == [b"1"]
assert ok(client.uid("SEARCH", None, "SEEN", "SUBJECT", "kept")) == [b"1"]
assert ok(client.uid("SEARCH", None, "UNSEEN")) == [b""]
client.literal = "SCH\u00d6NE".encode()
assert ok(client.uid("SEARCH", "CHARSET", "UTF-8", "TEXT")) == [b"1"]
fetched = ok(client.fetch("1", "(UID FLAGS RFC822.SIZE BODY.PEEK[])"))
assert fetched[0][1] == message, fetched
assert b"RFC822.SIZE %d" % len(message) in fetched[0][0] and rb"\Seen" in fetched[0][0], fetched
assert ok(client.fetch("1", "(BODY.PEEK[2]<0.8>)"))[0][1] == b"AAECAwQF"
assert rb"\Flagged" in ok(client.store("1", "+FLAGS", r"(\Flagged)"))[0]
ok(client.copy("1", "Archive"))
ok(client.uid("MOVE", "1", "Trash"))
assert b"MESSAGES 0" in ok(client.status("Projekte/K&APY-ln", "(MESSAGES)"))[0]
assert ok(client.select("Trash")) == [b"1"]
ok(client.store("1", "+FLAGS", r"(\Deleted)"))
assert ok(client.expunge()) == [b"1"]
ok(client.close())
ok(client.delete("Projekte/K&APY-ln"))
client.logout()
