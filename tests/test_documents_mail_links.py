"""Links carry the whole draft, character by character, or say that they do not."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaign import letters
from bot.campaign.content import LetterAction
from bot.campaign.scenes.letter import ASKED
from bot.documents.mail_links import (
    MAILTO_LIMITS,
    PLAIN,
    WEB_LIMITS,
    MailDraft,
    mail_draft,
    mailto,
)
from tests import shipped
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
    assert read.get("body", "") == draft.body.replace("\n", "\r\n")


def test_line_ends_are_crlf_and_a_space_is_never_a_plus() -> None:
    url = mailto(SHORT)
    assert "%0D%0A%0D%0A" in url
    assert "+" not in url
    assert "%2B" in url
    assert url.isascii()
    assert " " not in url


def test_nothing_is_encoded_that_need_not_be() -> None:
    assert mailto(SHORT).endswith("body=" + quote(SHORT.body.replace("\n", "\r\n"), safe=PLAIN))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_letter_goes_whole_into_a_mail_program_wherever_one_takes_it(language: str) -> None:
    """Each case, action and version, with the longest name and town that are asked for."""
    campaign, wording = shipped.content().now
    longest, longest_within, count = 0, 0, 0
    for case_id, case in campaign.cases.items():
        for action in case.actions:
            if not isinstance(action, LetterAction):
                continue
            for seed in range(min(letters.versions(campaign, case_id, action), 200)):
                draft = letters.draft(
                    campaign,
                    case_id,
                    action,
                    language,
                    seed=seed,
                    first_name="é" * ASKED["first_name"],
                    town="é" * ASKED["town"],
                )
                fields = mail_draft(wording.write(draft, campaign))
                # Gmail for Android has taken an encoded "=" or "&" for the end of the body:
                # https://cketti.de/2020/06/22/android-net-mailto-is-broken/
                assert not set("&=%+#?<>") & set(fields.body + fields.subject)
                longest = max(longest, len(mailto(fields)))
                longest_within = max(longest_within, len(quote(mailto(fields), safe=PLAIN)))
                count += 1
    assert count >= 100
    everywhere = {name: limit for name, limit in MAILTO_LIMITS.items() if limit > 2000}
    assert everywhere.keys() == {"ios", "android", "mac", "linux", "chromeos"}
    assert longest <= min(everywhere.values()), longest
    # On Windows it goes into web mail: Outlook's links hold the mailto link, encoded once more.
    assert longest + 100 <= WEB_LIMITS["gmail"]
    assert longest_within + 100 <= WEB_LIMITS["outlook"]


def test_a_letter_becomes_the_fields_of_an_email() -> None:
    draft = mail_draft(replace(LETTER, first_name="Zoé\r\nBcc: x"))
    assert draft.to == (PRESIDENT.email,)
    assert draft.cc == (EMBASSY.email,)
    assert draft.subject == LETTER.subject
    assert "\r" not in draft.body
    assert draft.body.endswith("Zoé\nBcc: x\nLyon")
