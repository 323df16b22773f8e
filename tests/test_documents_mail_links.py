"""Links carry the whole draft, character by character, or say that they do not."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.mail_links import (
    MAILTO_LIMIT,
    WEB_LIMITS,
    MailDraft,
    mail_draft,
    mailto,
    telegram_share,
    web_mail,
    x_post,
)
from tests.documents_samples import EMBASSY, LETTER, LONG, PRESIDENT

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
    link = mailto(draft)
    read = fields(link.url)
    assert read["to"] == ",".join(draft.to)
    assert read.get("cc", "") == ",".join(draft.cc)
    assert read["subject"] == draft.subject
    if not link.body_left_out:
        assert read.get("body", "") == draft.body.replace("\n", "\r\n")


def test_line_ends_are_crlf_and_a_space_is_never_a_plus() -> None:
    url = mailto(SHORT).url
    assert "%0D%0A%0D%0A" in url
    assert "+" not in url
    assert "%2B" in url
    assert url.isascii()
    assert " " not in url


def test_a_body_too_long_for_the_link_is_left_out_and_said_to_be() -> None:
    fits = replace(SHORT, body="a" * (MAILTO_LIMIT - len(mailto(replace(SHORT, body="")).url) - 6))
    assert not mailto(fits).body_left_out
    assert len(mailto(fits).url) == MAILTO_LIMIT
    link = mailto(replace(fits, body=fits.body + "a"))
    assert link.body_left_out
    assert fields(link.url) == fields(mailto(replace(SHORT, body="")).url)


def test_every_web_mail_gets_the_whole_draft() -> None:
    links = web_mail(SHORT)
    assert set(links) == set(WEB_LIMITS)
    expected = (",".join(SHORT.to), ",".join(SHORT.cc), SHORT.subject, SHORT.body)
    for service, subject in (("gmail", "su"), ("yahoo", "subject")):
        link = links[service]
        assert link is not None
        assert "+" not in link
        query = dict(parse_qsl(urlsplit(link).query, strict_parsing=True))
        assert (query["to"], query["cc"], query[subject], query["body"]) == expected
    for service, mark in (
        ("outlook", "compose?mailtouri="),
        ("outlook_work", "compose?mailtouri="),
        ("proton", "#mailto="),
    ):
        link = links[service]
        assert link is not None
        assert "+" not in link
        read = fields(unquote(link.split(mark)[1]))
        assert (read["to"], read["cc"], read["subject"]) == expected[:3]
        assert read["body"] == SHORT.body.replace("\n", "\r\n")


def test_a_web_mail_that_cannot_take_so_much_is_not_offered() -> None:
    links = web_mail(replace(SHORT, body="é" * 1000))
    assert links["yahoo"] is None
    assert links["gmail"] is not None
    assert all(link is None for link in web_mail(replace(SHORT, body="é" * 9000)).values())
    for service, link in web_mail(mail_draft(LONG)).items():
        assert link is None or len(link) <= WEB_LIMITS[service]


def test_a_letter_becomes_the_fields_of_an_email() -> None:
    draft = mail_draft(replace(LETTER, first_name="Zoé\r\nBcc: x"))
    assert draft.to == (PRESIDENT.email,)
    assert draft.cc == (EMBASSY.email,)
    assert draft.subject == LETTER.subject
    assert "\r" not in draft.body
    assert draft.body.endswith("Zoé\nBcc: x\nLyon")


@pytest.mark.parametrize("text", ["Libérez Mamat & Akber ! 麦麦提 🌸", "a+b", "100 %"])
def test_a_post_on_x_carries_text_link_and_hashtags(text: str) -> None:
    link = x_post(text, "https://example.org/?a=1&b=2", ("FreeAkber", "Xinjiang"))
    assert urlsplit(link).netloc == "x.com"
    assert urlsplit(link).path == "/intent/post"
    assert parse_qsl(urlsplit(link).query) == [
        ("text", text),
        ("url", "https://example.org/?a=1&b=2"),
        ("hashtags", "FreeAkber,Xinjiang"),
    ]
    assert "+" not in link


def test_sharing_in_telegram_needs_only_a_link() -> None:
    assert telegram_share("https://t.me/bot?start=a") == (
        "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fbot%3Fstart%3Da"
    )
    shared = telegram_share("https://t.me/bot", "Lisez ceci")
    assert dict(parse_qsl(urlsplit(shared).query))["text"] == "Lisez ceci"
