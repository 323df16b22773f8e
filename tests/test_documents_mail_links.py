"""Links carry the whole draft, character by character, or say that they do not."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from bot.documents.mail_links import (
    MAILTO_LIMIT,
    MailDraft,
    mail_draft,
    mailto,
)
from tests.documents_samples import EMBASSY, LETTER, PRESIDENT

SHORT = MailDraft(
    to=(PRESIDENT.email, "a+b@example.org"),
    cc=(EMBASSY.email,),
    subject="Objet\u00a0: 50 % & plus = ? #1",
    body="Bonjour,\n\nÉté + hiver & « 麦麦提 » 🌸 100 %\n\nZoé",
)
DRAFTS = st.builds(
    MailDraft,
    to=st.just((PRESIDENT.email,)),
    cc=st.sampled_from([(), (EMBASSY.email,)]),
    subject=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60),
    body=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r"), max_size=200),
)


def fields(mailto_url: str) -> dict[str, str]:
    """What a mail program reads from a mailto link: here "+" is a plus."""
    parts = urlsplit(mailto_url)
    assert parts.scheme == "mailto"
    values = dict(value.split("=", 1) for value in parts.query.split("&"))
    return {"to": unquote(parts.path)} | {name: unquote(text) for name, text in values.items()}


@given(draft=DRAFTS)
def test_a_mail_program_reads_back_what_was_written(draft: MailDraft) -> None:
    read = fields(mailto(draft))
    assert read["to"] == ",".join(draft.to)
    assert read.get("cc", "") == ",".join(draft.cc)
    assert read["subject"] == draft.subject
    body = draft.body.replace("\n", "\r\n")
    whole = f"{mailto(replace(draft, body=''))}&body={quote(body, safe='')}"
    assert read.get("body", "") == (body if len(whole) <= MAILTO_LIMIT else "")


def test_line_ends_are_crlf_and_a_space_is_never_a_plus() -> None:
    url = mailto(SHORT)
    assert "%0D%0A%0D%0A" in url
    assert "+" not in url
    assert "%2B" in url
    assert url.isascii()
    assert " " not in url


def test_a_body_too_long_for_the_link_is_left_out() -> None:
    without = mailto(replace(SHORT, body=""))
    fits = replace(SHORT, body="a" * (MAILTO_LIMIT - len(without) - len("&body=")))
    assert len(mailto(fits)) == MAILTO_LIMIT
    assert fields(mailto(fits))["body"] == fits.body
    assert mailto(replace(fits, body=fits.body + "a")) == without


def test_a_letter_becomes_the_fields_of_an_email() -> None:
    draft = mail_draft(replace(LETTER, first_name="Zoé\r\nBcc: x"))
    assert draft.to == (PRESIDENT.email,)
    assert draft.cc == (EMBASSY.email,)
    assert draft.subject == LETTER.subject
    assert "\r" not in draft.body
    assert draft.body.endswith("Zoé\nBcc: x\nLyon")
