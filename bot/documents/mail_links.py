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

# Mail programs on Windows were handed at most 2,048 characters; beyond, the body is cut without a
# word. Room is left for what a browser or a redirect adds.
MAILTO_LIMIT = 1800

# Web mail, as the page links to it: 8,000 octets are what every server should take (RFC 9110, 4.1),
# and Outlook has been seen to take more; room is left for a sign-in on the way. What Yahoo takes is
# not known. Proton's draft stands in the fragment, which reaches no server.
WEB_LIMITS = {
    "gmail": 7500,
    "outlook": 7500,
    "outlook_work": 7500,
    "yahoo": 2000,
    "proton": 30000,
}


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
    """A link for the supporter's own mail program (RFC 6068).

    A body that would make it too long is left out, and must be pasted.
    """
    whole = _mailto(draft, draft.body)
    return whole if len(whole) <= MAILTO_LIMIT else _mailto(draft, "")


def _mailto(draft: MailDraft, body: str) -> str:
    # RFC 6068, section 5: line breaks are %0D%0A.
    fields = {"subject": draft.subject, "body": body.replace("\n", "\r\n")}
    cc = {"cc": ",".join(map(_address, draft.cc))} if draft.cc else {}
    values = cc | {name: _encoded(value) for name, value in fields.items() if value}
    query = "&".join(f"{name}={value}" for name, value in values.items())
    return f"mailto:{','.join(map(_address, draft.to))}?{query}"


def _encoded(text: str) -> str:
    return quote(well_formed(text), safe="")


def _address(address: str) -> str:
    return quote(address, safe="@")
