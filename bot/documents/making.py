"""An attachment of a message → the documents that it names, from the content of this moment.

What a maker needs waits sealed in the outbox as the attachment's values; nothing else is known
here of the supporter. Kinds: ``letter.eml``, ``letter.pdf``, ``card.pdf``, ``share.qr``,
``share.poster``, ``case.picture``, ``figures.png``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.campaign import letters
from bot.campaign.channel import Made
from bot.campaign.content import Campaign, Case, LetterAction, SupportAction
from bot.campaign.identity import Picture
from bot.campaign.letters import Letter
from bot.campaign.messages import PICTURE, Attachment, Value, words
from bot.clock import Clock, utc_now
from bot.documents.charts import ChartLabels, stages_chart
from bot.documents.eml import eml
from bot.documents.letter_pdf import Labels, letter_pdf, letter_preview
from bot.documents.name_card import PHOTOGRAPHS, NameCard, NameCards, Shape
from bot.documents.pictures import logo, photograph
from bot.documents.postcard_pdf import Postcard, PostcardLabels, postcard_pdf
from bot.documents.poster_pdf import PHOTOGRAPH, PosterSheet, poster_pdf
from bot.documents.qr import qr_picture
from bot.wording import Wording, locale_of
from bot.wording.rendering import ContentNow

CARD_FIRST = "en"
"""The language that the secretariats prefer for cards; it stands first where content has it."""


class NotInContent(LookupError):
    """The case or action that a document is for is not in the content any more."""


class Makers:
    """``Makers(content)(attachment, language)`` makes what a message carries.

    ``content`` gives campaign and wording as they are at that moment; ``clock`` an aware time.
    """

    def __init__(self, content: ContentNow, clock: Clock = utc_now) -> None:
        self._content = content
        self._clock = clock
        self._cards = NameCards()

    async def __call__(self, attachment: Attachment, language: str) -> tuple[Made, ...]:
        """The files in the order in which they are sent.

        Raises LookupError for what content does not hold, CannotTypesetError for what no font has.
        """
        maker = MAKERS.get(attachment.kind)
        if maker is None:
            raise NotInContent(f"nothing makes a {attachment.kind}")
        campaign, wording = self._content()
        order = _Order(attachment, language, campaign, wording, self._clock(), self._cards)
        return await maker(order)


class _Order:
    """One attachment to be made, and what it is made from."""

    def __init__(
        self,
        attachment: Attachment,
        language: str,
        campaign: Campaign,
        wording: Wording,
        now: datetime,
        cards: NameCards,
    ) -> None:
        self.language = language
        self.campaign = campaign
        self.wording = wording
        self.cards = cards
        self.day: date = now.astimezone(ZoneInfo(campaign.time_zone)).date()
        self._values = dict(attachment.values)

    def told(self, name: str) -> str:
        """A value as text, "" where it was not given."""
        return str(self._values.get(name, ""))

    def number(self, name: str) -> int:
        """A value as a number, 0 where it was not given."""
        return int(self._values.get(name, 0))

    def says(self, key: str, language: str = "", **values: Value) -> str:
        """A text of the content, plain."""
        spoken = language or self.language
        return self.wording.text(words(key, **values), spoken, "plain")

    def seen(self, picture: Picture) -> str:
        """What is to be seen on it."""
        return picture.alt.get(self.language) or next(iter(picture.alt.values()))

    @property
    def case_id(self) -> str:
        """Whom it is about."""
        return self.told("case")

    @property
    def case(self) -> Case:
        """Raises NotInContent."""
        found = self.campaign.cases.get(self.case_id)
        if found is None:
            raise NotInContent("case")
        return found

    def letter(self, *, long: bool = False) -> Letter:
        """The same letter as on the screen, or the long one for post and fax. Raises
        NotInContent."""
        action = self.case.action(self.told("action"))
        letter_language = self.told("letter_language")
        if not isinstance(action, LetterAction):
            raise NotInContent("letter")
        if not self.campaign.writes(letter_language, self.case_id, action.id):
            raise NotInContent("letter")
        draft = letters.draft(
            self.campaign,
            self.case_id,
            action,
            letter_language,
            seed=self.number("seed"),
            variant=self.number("variant"),
            first_name=self.told("first_name"),
            town=self.told("town"),
            long=long,
            unconfirmed=self.campaign.unconfirmed(self.case_id, self.day),
        )
        return self.wording.write(draft, self.campaign)


async def _letter_eml(order: _Order) -> tuple[Made, ...]:
    letter = order.letter()
    return (eml(letter, file=order.says("documents.letter.file", letter.language)),)


async def _letter_pdf(order: _Order) -> tuple[Made, ...]:
    """A picture of the first page, then the letter with its copies."""
    letter = order.letter(long=True)
    fax = bool(order.number("fax"))
    labels = letter_labels(order.wording, letter, order.day, fax=fax)
    sender = tuple(line for line in (letter.first_name, letter.town) if line)
    preview, pages = await asyncio.gather(
        letter_preview(letter, labels, sender=sender, fax=fax),
        letter_pdf(letter, labels, order.day, sender=sender, fax=fax),
    )
    return preview, pages


def letter_labels(wording: Wording, letter: Letter, day: date, *, fax: bool = False) -> Labels:
    """The words around a letter, in its own language; one to fax has a file name of its own."""

    def says(name: str, **values: Value) -> str:
        return wording.text(words(f"documents.letter.{name}", **values), letter.language, "plain")

    return Labels(
        dated=says("dated", town=letter.town, day=day),
        **{name: says(name) for name in ("subject", "copy_to", "copy_mark", "sent_to", "fax")},
        file=says("fax_file" if fax else "file"),
    )


async def _card(order: _Order) -> tuple[Made, ...]:
    case = order.case
    action = case.action(order.told("action"))
    if not isinstance(action, SupportAction):
        raise NotInContent("card")
    key = f"{order.case_id}.support.words"
    version = order.number("version") % order.campaign.variants.get(key, 1)
    town = order.told("town")
    card = Postcard(
        case=order.case_id,
        language=order.language,
        address=tuple(action.send_to),
        recipient=case.full_name,
        chinese_name=case.chinese_name,
        words=tuple(
            (language, order.says(f"{key}.{version}", language, town=town))
            for language in card_languages(
                order.campaign, order.case_id, action.id, order.told("card_language")
            )
        ),
        town=town,
        surface=order.campaign.organisation.colours.surface,
        on_surface=order.campaign.organisation.colours.text,
    )
    labels = PostcardLabels(
        title=order.says("documents.card.title", name=case.full_name),
        **{
            name: order.says(f"documents.card.{name}")
            for name in ("recipient", "forwarded", "stamp", "own_words", "town", "file")
        },
    )
    return (await postcard_pdf(card, labels, order.day),)


def card_languages(campaign: Campaign, case: str, action: str, chosen: str) -> tuple[str, ...]:
    """English before the language that was chosen; the first language where nothing else is."""
    wanted = dict.fromkeys((CARD_FIRST, chosen, campaign.languages[0]))
    known = [language for language in wanted if campaign.writes(language, case, action)]
    return tuple(known[:2])


async def _qr(order: _Order) -> tuple[Made, ...]:
    file = order.says("documents.qr.file")
    return (qr_picture(order.told("link"), file=file, case=order.case_id),)


async def _poster(order: _Order) -> tuple[Made, ...]:
    case, link = order.case, order.told("link")
    organisation = order.campaign.organisation
    poster = PosterSheet(
        case=order.case_id,
        language=order.language,
        title=order.says("documents.poster.title", name=case.name),
        name=case.full_name,
        chinese_name=case.chinese_name,
        sentence=order.says(f"{order.case_id}.poster"),
        call=order.says("documents.poster.call"),
        qr_alt=order.says("documents.poster.qr_alt", name=case.full_name),
        link=link,
        short_link=link.removeprefix("https://").removeprefix("http://"),
        organisation=organisation.name,
        surface=organisation.colours.surface,
        on_surface=organisation.colours.text,
        accent=organisation.colours.on_white,
        logo=_logo(order),
        file=order.says("documents.poster.file"),
    )
    if case.pictures:
        shown = case.pictures[0]
        poster = replace(
            poster,
            photo=photograph(shown.file, order.campaign.files[shown.file], *PHOTOGRAPH),
            photo_alt=order.seen(shown),
            credit=shown.credit,
        )
    return (await poster_pdf(poster, order.day),)


def _logo(order: _Order) -> str:
    name = order.campaign.organisation.logo
    return logo(name, order.campaign.files[name]) if name is not None else ""


async def _picture(order: _Order) -> tuple[Made, ...]:
    """The card with the name; beside it the photograph, where there is one that may be shown."""
    case, campaign = order.case, order.campaign
    organisation, colours = campaign.organisation, campaign.organisation.colours
    shape: Shape = "square" if order.told("shape") == "square" else "wide"
    sentence = order.says(f"{order.case_id}.name_card") if case.is_active else ""
    card = NameCard(
        case=order.case_id,
        language=order.language,
        right_to_left=locale_of(order.language).text_direction == "rtl",
        shape=shape,
        name=case.full_name,
        chinese_name=case.chinese_name,
        sentence=sentence,
        organisation=organisation.name,
        surface=colours.surface,
        on_surface=colours.text,
        alt=order.says("documents.name_card.alt", name=case.full_name, chinese=case.chinese_name),
        logo=_logo(order),
        file=order.says("documents.name_card.file"),
    )
    if case.pictures:
        shown = case.pictures[0]
        card = replace(
            card,
            photo=photograph(shown.file, campaign.files[shown.file], *PHOTOGRAPHS[shape]),
            credit=shown.credit,
            alt=order.seen(shown),
        )
    return (await order.cards.made(card),)


async def _figures(order: _Order) -> tuple[Made, ...]:
    """How many came to each stage: "started=1140,signed=340"."""
    told = dict(one.split("=") for one in order.told("stages").split(","))
    stages = [(order.says(f"desk.stage.{stage}"), int(number)) for stage, number in told.items()]
    days = {"first": order.told("first"), "last": order.told("last")}
    labels = ChartLabels(
        language=order.language,
        title=order.says("desk.today.way"),
        subtitle=order.says("desk.today.lead", **days),
        file=order.says("desk.figures.file"),
    )
    accent = order.campaign.organisation.colours.on_white
    return (await stages_chart(stages, labels, accent=accent),)


MAKERS: Mapping[str, Callable[[_Order], Awaitable[tuple[Made, ...]]]] = {
    "letter.eml": _letter_eml,
    "letter.pdf": _letter_pdf,
    "card.pdf": _card,
    "share.qr": _qr,
    "share.poster": _poster,
    PICTURE: _picture,
    "figures.png": _figures,
}
