"""Sends a file as a message: CA PORT SECURITY USER PASSWORD RECIPIENT FILE."""

import smtplib
import ssl
import sys

ca, port, security, user, password, recipient, file = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
if security == "tls":
    client = smtplib.SMTP_SSL("localhost", int(port), context=context)
else:
    client = smtplib.SMTP("localhost", int(port))
    client.starttls(context=context)
with client, open(file, "rb") as message:
    client.login(user, password)
    refused = client.sendmail(user, [recipient], message.read(), mail_options=["BODY=8BITMIME"])
    assert refused == {}, refused
