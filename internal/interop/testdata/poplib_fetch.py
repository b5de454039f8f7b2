"""Fetches all messages, prints them, and deletes the first, or with "all"
everything: CA PORT SECURITY USER PASSWORD [all]."""

import poplib
import ssl
import sys

ca, port, security, user, password = sys.argv[1:6]
context = ssl.create_default_context(cafile=ca)
if security == "tls":
    client = poplib.POP3_SSL("localhost", int(port), context=context)
else:
    client = poplib.POP3("localhost", int(port))
    assert "STLS" in client.capa(), client.capa()
    client.stls(context=context)
client.user(user)
client.pass_(password)

capabilities = client.capa()
assert "UIDL" in capabilities and "TOP" in capabilities, capabilities
count, size = client.stat()
sizes = [int(line.split()[1]) for line in client.list()[1]]
assert len(sizes) == count and sum(sizes) == size, (count, size, sizes)
uids = [line.split()[1] for line in client.uidl()[1]]
assert len(set(uids)) == count, uids
for number in range(1, count + 1):
    lines = client.retr(number)[1]
    message = b"".join(line + b"\r\n" for line in lines)
    assert len(message) == sizes[number - 1], (len(message), sizes[number - 1])
    top = client.top(number, 2)[1]
    assert top == lines[: len(top)] and len(top) == lines.index(b"") + 1 + 2, top
    sys.stdout.buffer.write(message)
client.dele(count)
try:
    client.retr(count)
    raise AssertionError("a deleted message can be fetched")
except poplib.error_proto:
    pass
client.rset()
for number in range(1, count + 1 if sys.argv[6:] == ["all"] else 2):
    client.dele(number)
client.quit()
