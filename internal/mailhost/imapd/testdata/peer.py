"""Walks through an IMAP session with imaplib: peer.py PORT USER PASSWORD."""
import datetime
import imaplib
import ssl
import sys

port, user, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE  # the certificate is not what is tested here

MESSAGE = b"From: a@example.com\r\nSubject: from Python\r\n\r\nOne line.\r\n"


def want(response, expected=None):
    status, data = response
    assert status == "OK", response
    assert expected is None or data == expected, (data, expected)
    return data


m = imaplib.IMAP4("127.0.0.1", port)
assert "LOGINDISABLED" in m.capabilities, m.capabilities
want(m.starttls(context))
assert "AUTH=PLAIN" in m.capabilities, m.capabilities
want(m.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode()))
want(m.list(), [
    b'(\\HasNoChildren) "/" "INBOX"',
    b'(\\HasNoChildren \\Archive) "/" "Archive"',
    b'(\\HasNoChildren \\Drafts) "/" "Drafts"',
    b'(\\HasNoChildren \\Junk) "/" "Junk"',
    b'(\\HasNoChildren \\Sent) "/" "Sent"',
    b'(\\HasNoChildren \\Trash) "/" "Trash"',
])
want(m.create('"Two words"'))
when = datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.timezone.utc)
want(m.append('"Two words"', r"(\Seen)", when, MESSAGE))
want(m.select('"Two words"'), [b"1"])
assert m.untagged_responses["UIDVALIDITY"][0] != b"0"
want(m.search(None, "SUBJECT", '"python"'), [b"1"])
want(m.search(None, "FROM", '"nobody"'), [b""])
want(m.uid("SEARCH", "1:*", "SEEN"), [b"1"])
(head, text), _ = want(m.fetch("1", "(UID RFC822.SIZE BODY.PEEK[])"))
assert text == MESSAGE, text
assert b"RFC822.SIZE %d" % len(MESSAGE) in head, head
want(m.fetch("1", "(INTERNALDATE)"), [b'1 (INTERNALDATE "29-Feb-2024 12:00:00 +0000")'])
want(m.store("1", "+FLAGS", r"(\Flagged)"), [rb"1 (FLAGS (\Flagged \Seen \Recent))"])
want(m.copy("1", "Archive"))
want(m.store("1", "FLAGS.SILENT", r"(\Deleted)"))
want(m.expunge(), [b"1"])
want(m.status("Archive", "(MESSAGES UNSEEN)"), [b'"Archive" (MESSAGES 1 UNSEEN 0)'])
want(m.close())
want(m.rename('"Two words"', "Words"))
want(m.subscribe("Words"))
want(m.lsub('""', "W*"), [b'() "/" "Words"'])
want(m.delete("Words"))
want(m.namespace(), [b'(("" "/")) NIL NIL'])
want(m.noop())
assert m.logout()[0] == "BYE"
