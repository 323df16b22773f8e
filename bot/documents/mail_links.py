"""A link that opens a written e-mail in the supporter's own mail program.

It carries the draft from the supporter's own browser to their own mail; nothing here is sent
anywhere. All values are percent-encoded, spaces as %20: a "+" would be shown as a plus by some and
as a space by others. Links into web mail are made by the page (web/static/compose_letter.js).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from bot.campaign.letters import Letter
from bot.documents.eml import mail_addresses
from bot.documents.plain_text import plain_lines, single_line, well_formed

# How long a mailto link may be, by system. No maker says; docs/compose-page.md has the sources.
# Phones: iOS hands links on whole (up to 1 MB were seen), and so does Android, whose intents take
# 1 MB; very long letters of a campaign came through whole in Mail and in Gmail.
# Computers: where Gmail is the browser's mail program, the link is encoded once more into a web
# address, a third longer, of which Gmail refused one of 6,410 characters.
# Windows: Chromium hands no more than 2,048 characters to another program and drops the click
# without a word (kMaxAddressLengthChars), and Outlook was seen to take 2,046.
MAILTO_LIMITS = {
    "ios": 8000,
    "android": 8000,
    "mac": 4500,
    "linux": 4500,
    "chromeos": 4500,
    "windows": 2000,
    "": 2000,
}

# Web mail, as the page links to it. Gmail: 413 was seen at 6,410 characters, never below. Outlook:
# 31,145 were taken, its cookies included; 8,000 octets are what every server should take (RFC 9110,
# 4.1), and room is left for a sign-in on the way. What Yahoo takes is not known: half of that.
# Proton's draft stands in the fragment, which reaches no server.
WEB_LIMITS = {
    "gmail": 6000,
    "outlook": 7500,
    "outlook_work": 7500,
    "yahoo": 4000,
    "proton": 30000,
}

# Left as they are beside letters and digits: RFC 6068 and 3986 allow them in values, and no mail
# program or shell on the way takes them for anything else.
PLAIN = ",:!"


@dataclass(frozen=True, slots=True)
class MailDraft:
    """What goes into the fields of an e-mail. ``body`` has "\\n" line ends."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str = field(repr=False)


def mail_draft(letter: Letter) -> MailDraft:
    """The fields of the e-mail that this letter makes."""
    return MailDraft(
        to=mail_addresses(letter.to),
        cc=mail_addresses(letter.copy_to),
        subject=single_line(letter.subject),
        body=plain_lines(letter.body),
    )


def mailto(draft: MailDraft) -> str:
    """A link for the supporter's own mail program (RFC 6068), with the whole draft.

    Whether it may be that long is for whoever knows the system: MAILTO_LIMITS.
    """
    # RFC 6068, section 5: line breaks are %0D%0A.
    fields = {"subject": draft.subject, "body": draft.body.replace("\n", "\r\n")}
    cc = {"cc": ",".join(map(_address, draft.cc))} if draft.cc else {}
    values = cc | {name: _encoded(value) for name, value in fields.items() if value}
    query = "&".join(f"{name}={value}" for name, value in values.items())
    return f"mailto:{','.join(map(_address, draft.to))}?{query}"


def _encoded(text: str) -> str:
    return quote(well_formed(text), safe=PLAIN)


def _address(address: str) -> str:
    return quote(address, safe="@")
