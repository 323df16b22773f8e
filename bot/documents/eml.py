"""The letter as an e-mail file that mail programs open as a draft, ready to send.

There is no From, Date or Message-ID: those belong to whoever sends it.
"""

from __future__ import annotations

import re
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage

from bot.campaign.channel import Made
from bot.campaign.letters import Letter, WrittenAddressee
from bot.documents.naming import file_name
from bot.documents.plain_text import plain_lines, single_line


class _Filed(policy.EmailPolicy):
    """Lines end in CRLF (RFC 5322), and headers are folded safely.

    The folding of ``EmailPolicy`` loses spaces between encoded words (200 of 3,000 random subjects
    in Python 3.11) and has broken lists of addresses (CVE-2025-1795): the subject is folded by
    ``email.header`` instead, and addresses, which are plain ASCII here, not at all.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() == "subject":
            return (
                f"{name}: {Header(value, 'utf-8', header_name=name).encode()}".replace(
                    "\n", "\r\n"
                ).encode("ascii")
                + b"\r\n"
            )
        return super().fold_binary(name, value)


FILED = _Filed(linesep="\r\n", max_line_length=None)


_ATOM = r"[^\s@.,;:<>()\[\]\\\"\x00-\x1f\x7f]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*")


def eml(letter: Letter, *, file: str = "message") -> Made:
    """The letter as a draft: To, Cc, Subject and the body. Quick enough for the event loop.

    Addressees without an e-mail address are left out; their names are not used, so that no name
    can ever be read as one more address.
    """
    message = EmailMessage(policy=policy.SMTP)
    # Outlook opens a message that says so for editing instead of as one that was received.
    message["X-Unsent"] = "1"
    for header, addressees in (("To", letter.to), ("Cc", letter.copy_to)):
        addresses = mail_addresses(addressees)
        if addresses:
            message[header] = [Address(addr_spec=address) for address in addresses]
    message["Subject"] = single_line(letter.subject)
    message.set_content(plain_lines(letter.body), charset="utf-8", cte="quoted-printable")
    return Made(
        file_name(file, letter.case, ending="eml"), "message/rfc822", message.as_bytes(policy=FILED)
    )


def mail_addresses(addressees: tuple[WrittenAddressee, ...]) -> tuple[str, ...]:
    """The e-mail addresses among them, each one safe to stand in a list of addresses."""
    return tuple(
        addressee.email
        for addressee in addressees
        if _ADDRESS.fullmatch(addressee.email) and addressee.email.isascii()
    )
