"""The .eml is the letter, whatever a supporter typed into it."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.campaign.letters import Letter
from bot.documents.eml import eml
from bot.documents.plain_text import plain_lines, single_line
from tests.documents_samples import EMBASSY, LETTER, PRESIDENT

HEADERS = [
    "X-Unsent",
    "To",
    "Cc",
    "Subject",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]
HOSTILE = (
    "Zoé\r\nBcc: thief@example.org\r\n\r\nHello",
    '"Zoé" <thief@example.org>, x',
    "\u202eÉoz مەمەت שלום",
    "👩🏽\u200d🚒🇫🇷 🌸" * 200,
    "é" * 10_000,
    ".\r\n.\r\nFrom me\n=3D =?utf-8?q?x?=",
    "\ud83c half an emoji",
    "tail  \t ",
)
TYPED = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300))


def read(letter: Letter) -> EmailMessage:
    parsed = message_from_bytes(eml(letter).content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


@settings(max_examples=300, deadline=None)
@given(first_name=TYPED, town=TYPED, paragraph=TYPED)
@example(first_name=HOSTILE[0], town=HOSTILE[4], paragraph=HOSTILE[5])
def test_whatever_is_typed_the_message_read_back_is_the_letter(
    first_name: str, town: str, paragraph: str
) -> None:
    letter = replace(
        LETTER, first_name=first_name, town=town, paragraphs=(*LETTER.paragraphs, paragraph)
    )
    message = read(letter)
    assert message.keys() == HEADERS
    assert not message.defects
    assert message["Subject"] == letter.subject
    assert [one.addr_spec for one in message["To"].addresses] == [PRESIDENT.email]
    assert [one.addr_spec for one in message["Cc"].addresses] == [EMBASSY.email]
    body = message.get_content().replace("\r\n", "\n")
    # A file of text ends with a line end; how many empty lines come before it says nothing.
    assert body.rstrip("\n") == plain_lines(letter.body).rstrip("\n")


@settings(max_examples=300, deadline=None)
@given(subject=TYPED.filter(lambda text: "=?" not in text))
def test_no_subject_makes_another_header(subject: str) -> None:
    message = read(replace(LETTER, subject=subject))
    assert message.keys() == HEADERS
    assert message["Subject"] == single_line(subject)


@settings(max_examples=200, deadline=None)
@given(name=TYPED, address=st.one_of(TYPED, st.just("a@x.example,thief@y.example")))
def test_no_name_and_no_address_makes_another_addressee(name: str, address: str) -> None:
    odd = replace(EMBASSY, name=name, email=address)
    message = read(replace(LETTER, to=(PRESIDENT, odd), copy_to=()))
    addresses = [one.addr_spec for one in message["To"].addresses]
    assert addresses in ([PRESIDENT.email], [PRESIDENT.email, address])
    assert "thief@y.example" not in addresses
    assert message["Cc"] is None


def test_it_opens_as_a_draft_that_its_sender_completes() -> None:
    message = read(LETTER)
    assert message["X-Unsent"] == "1"
    assert message["Content-Transfer-Encoding"] == "quoted-printable"
    assert message.get_content_charset() == "utf-8"
    for header in ("From", "Date", "Message-ID"):
        assert message[header] is None


def test_lines_are_short_enough_for_every_mail_server() -> None:
    lines = eml(replace(LETTER, subject=LETTER.subject * 9, town="é" * 10_000)).content.split(
        b"\r\n"
    )
    assert max(map(len, lines)) <= 78
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert b"".join(lines).isascii()


def test_the_file_is_named_after_the_case_and_nobody_else() -> None:
    made = eml(LETTER, file="Lettre")
    assert made.name == "lettre-mamat.eml"
    assert made.media_type == "message/rfc822"


def test_an_addressee_without_an_email_address_is_left_out() -> None:
    message = read(replace(LETTER, to=(replace(PRESIDENT, email=""),)))
    assert message["To"] is None
    assert message["Cc"] == EMBASSY.email
