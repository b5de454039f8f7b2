"""Python's email package as an independent reader and writer of messages.

reference.py read FILE...  prints what it reads of each: one JSON object a line
reference.py make DIR      writes messages of many shapes to DIR
"""

import email
import email.header
import email.headerregistry
import email.message
import email.policy
import email.utils
import hashlib
import json
import random as random_module
import sys


def words(value):
    """Decoded text, None where Python gives up."""
    try:
        return " ".join(str(email.header.make_header(email.header.decode_header(value or ""))).split())
    except LookupError:
        return None


def part(node):
    entry = {"type": node.get_content_type(), "filename": node.get_filename() or ""}
    if node.is_multipart():
        entry["parts"] = [part(child) for child in node.get_payload()]
    else:
        payload = node.get_payload(decode=True) or b""
        entry["sha256"] = hashlib.sha256(payload).hexdigest()
        entry["size"] = len(payload)
    return entry


def read(name):
    with open(name, "rb") as file:
        message = email.message_from_bytes(file.read())
    addresses = email.utils.getaddresses(
        message.get_all("from", []) + message.get_all("to", []) + message.get_all("cc", [])
    )
    return {
        "subject": words(message["subject"]),
        "addresses": [address for _, address in addresses if address],
        "root": part(message),
    }


def make(directory):
    random = random_module.Random(1)
    texts = ["plain ASCII", "Schöne Grüße aus Köln", "Привет, мир", "日本語のテキスト", "mixed 日本 und äöü", "a" * 300 + " ü"]
    charsets = ["utf-8", "iso-8859-1", "koi8-r", "iso-2022-jp", "shift_jis", "windows-1252", "big5"]
    for number in range(60):
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["Subject"] = " ".join(random.choices(texts, k=random.randint(1, 4)))
        message["From"] = email.headerregistry.Address(random.choice(texts), "alice", "example.com")
        message["To"] = [
            email.headerregistry.Address(random.choice(texts[:3]), f"user{i}", "example.net") for i in range(random.randint(1, 30))
        ]
        text = "\n".join(random.choices(texts, k=random.randint(0, 9))) + "\n"
        charset = random.choice(charsets)
        try:
            text.encode(charset)
        except UnicodeError:
            charset = "utf-8"
        message.set_content(text, charset=charset, cte=random.choice([None, "quoted-printable", "base64"]))
        if random.random() < 0.5:
            message.add_alternative(f"<p>{text}</p>", subtype="html")
        for _ in range(random.randint(0, 3)):
            message.add_attachment(
                random.randbytes(random.randint(0, 2000)), maintype="application", subtype="x-random", filename=random.choice(texts)
            )
        if random.random() < 0.3:
            inner = email.message.EmailMessage(policy=email.policy.SMTP)
            inner["Subject"] = "inside"
            inner.set_content("the message inside\n")
            message.add_attachment(inner)
        with open(f"{directory}/{number:02}.eml", "wb") as file:
            file.write(message.as_bytes())


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    for name in sys.argv[2:]:
        print(json.dumps(read(name)))
