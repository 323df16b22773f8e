"""Links that open a written message elsewhere: mail programs, web mail, X, Telegram.

A mail link carries the draft from the supporter's own browser to their own mail; nothing here is
sent anywhere. All values are percent-encoded, spaces as %20: a "+" would be shown as a plus by
some and as a space by others.
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

# Web mail: 8,000 octets are what every server should take (RFC 9110, 4.1), and Outlook has been
# seen to take more; room is left for a sign-in on the way. What Yahoo takes is not known. Proton's
# draft stands in the fragment, which reaches no server.
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


@dataclass(frozen=True, slots=True)
class MailLink:
    """A mailto link. ``body_left_out``: the body is too long for it and must be pasted."""

    url: str = field(repr=False)
    body_left_out: bool


def mail_draft(letter: Letter) -> MailDraft:
    """The fields of the e-mail that this letter makes."""
    return MailDraft(
        to=mail_addresses(letter.to),
        cc=mail_addresses(letter.copy_to),
        subject=single_line(letter.subject),
        body=plain_lines(letter.body),
    )


def mailto(draft: MailDraft) -> MailLink:
    """A link for the supporter's own mail program (RFC 6068)."""
    whole = _mailto(draft, draft.body)
    if len(whole) <= MAILTO_LIMIT:
        return MailLink(whole, body_left_out=False)
    return MailLink(_mailto(draft, ""), body_left_out=True)


def web_mail(draft: MailDraft) -> dict[str, str | None]:
    """Links that open the draft in a web mail: gmail, outlook, outlook_work, yahoo, proton.

    None where the draft is longer than that service is known to take.
    """
    whole = _encoded(_mailto(draft, draft.body))
    links = {
        # Not documented by Google; in use unchanged for many years.
        "gmail": "https://mail.google.com/mail/?view=cm&fs=1&"
        + _query(draft, to="to", cc="cc", subject="su", body="body"),
        # What Outlook registers with browsers as its handler for mailto. Its plain parameters
        # (to=, cc=, …) lose the copies, and their spaces where one has to sign in first.
        "outlook": f"https://outlook.live.com/mail/0/deeplink/compose?mailtouri={whole}",
        # Microsoft moves Outlook for work from outlook.office.com to this host; the redirect from
        # there has been reported to lose the draft.
        "outlook_work": "https://outlook.cloud.microsoft/mail/deeplink/compose?mailtouri=" + whole,
        "yahoo": "https://compose.mail.yahoo.com/?"
        + _query(draft, to="to", cc="cc", subject="subject", body="body"),
        # ProtonMail/WebClients: MAILTO_PROTOCOL_HANDLER_PATH.
        "proton": f"https://mail.proton.me/inbox/#mailto={whole}",
    }
    return {
        service: link if len(link) <= WEB_LIMITS[service] else None
        for service, link in links.items()
    }


def x_post(text: str, url: str = "", hashtags: tuple[str, ...] = ()) -> str:
    """A link that opens a post on X, written but not sent.

    See ``bot.campaign.x_length.post_length`` for how long such a post is.
    """
    values = {"text": text, "url": url, "hashtags": ",".join(hashtags)}
    return "https://x.com/intent/post?" + _joined(values)


def telegram_share(url: str, text: str = "") -> str:
    """A link that lets the supporter choose a Telegram chat to share ``url`` with."""
    return "https://t.me/share/url?" + _joined({"url": url, "text": text})


def _mailto(draft: MailDraft, body: str) -> str:
    # RFC 6068, section 5: line breaks are %0D%0A.
    fields = {"subject": draft.subject, "body": body.replace("\n", "\r\n")}
    cc = {"cc": ",".join(map(_address, draft.cc))} if draft.cc else {}
    values = cc | {name: _encoded(value) for name, value in fields.items() if value}
    query = "&".join(f"{name}={value}" for name, value in values.items())
    return f"mailto:{','.join(map(_address, draft.to))}?{query}"


def _query(draft: MailDraft, **names: str) -> str:
    values = {
        names["to"]: ",".join(draft.to),
        names["cc"]: ",".join(draft.cc),
        names["subject"]: draft.subject,
        names["body"]: draft.body,
    }
    return _joined(values)


def _joined(values: dict[str, str]) -> str:
    return "&".join(f"{name}={_encoded(value)}" for name, value in values.items() if value)


def _encoded(text: str) -> str:
    return quote(well_formed(text), safe="")


def _address(address: str) -> str:
    return quote(address, safe="@")
