"""What is kept and how long, everything held on somebody, and its end."""

from __future__ import annotations

from bot.campaign.content import Campaign
from bot.campaign.effects import Forget
from bot.campaign.messages import Attachment, Button, Link, Message, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.signatures import SignatureState
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

FORGET_ALL = "forget:all"
"""What the confirmed choice carries that erases everything."""
MY_DATA = "mydata"
"""The kind of attachment that holds everything kept on a supporter."""


def what(campaign: Campaign, *, names_closed: bool = False) -> Words:
    """What is kept, why, who answers for it, and what supporters may ask for."""
    organisation = campaign.organisation
    return words(
        "privacy.screen",
        org=organisation.name,
        contact="\n".join(organisation.privacy_contact),
        register=organisation.register_number or "",
        email=organisation.email or "",
        drafts=campaign.retention.drafts_hours,
        closed=names_closed,
    )


def clock(campaign: Campaign) -> Words:
    """How long each kind of data is kept."""
    kept = campaign.retention
    return words(
        "privacy.clock",
        drafts=kept.drafts_hours,
        dead_letters=kept.dead_letters_days,
        events=kept.events_hours,
        inactive=kept.inactive_months,
        notice=kept.notice_days,
        inbox=kept.inbox_days,
        signatures=kept.signatures_days,
        late=campaign.reminders.too_late_hours,
        backups=kept.backups_days,
    )


def show(turn: Turn) -> Outcome:
    """What is kept, with the ways to see it all and to end it."""
    page = (Link(words("buttons.privacy_page"), f"{turn.facts.web}/privacy"),)
    return turn.answer(
        turn.screen(
            what(turn.campaign, names_closed=turn.facts.names_closed),
            (choice("my_data", "mydata"),),
            (choice("how_long", "howlong"), choice("forget", "forget")),
            page if turn.facts.web else (),
            (to_menu(),),
        )
    )


def how_long(turn: Turn) -> Outcome:
    """The clock of each kind of data."""
    return turn.answer(turn.screen(clock(turn.campaign), (choice("privacy", "privacy"), to_menu())))


def my_data(turn: Turn) -> Outcome:
    """Everything held on the supporter, as two files: one to read, one for machines.

    The files are made when they are sent, from the database itself. Where to look is told by the
    address, which waits sealed in the outbox like everything there.
    """
    address = (("channel", turn.event.channel), ("address", turn.event.address))
    return turn.answer(
        Message(
            words("privacy.my_data"),
            buttons=(
                (choice("how_long", "howlong"), choice("forget", "forget")),
                (to_menu(),),
            ),
            attachment=Attachment(MY_DATA, address),
        )
    )


def forget(turn: Turn, how: str = "") -> Outcome:
    """Ask whether all shall be gone, and do it after a clear yes."""
    if how in ("all", "keep"):
        return turn.answer(
            Message(
                words(
                    "privacy.forgotten",
                    kept=int(how == "keep" and _may_keep(turn)),
                    spent=int(_is_spent(turn)),
                ),
                buttons=((choice("begin_again", "menu"),),),
            ),
            effects=[Forget(keep_signatures=how == "keep")],
        )
    if how:
        raise NotOffered("a way to forget")
    signed = _may_keep(turn)
    keep: tuple[Button, ...] = (choice("forget_keep", "forget:keep"),) if signed else ()
    return turn.answer(
        turn.screen(
            words(
                "privacy.confirm",
                signed=int(signed),
                spent=int(_is_spent(turn)),
                backups=turn.campaign.retention.backups_days,
            ),
            (choice("forget_all" if signed else "forget_yes", FORGET_ALL),),
            keep,
            (choice("forget_nothing", "privacy"), to_menu()),
        )
    )


def _may_keep(turn: Turn) -> bool:
    return any(
        not (own := turn.facts.own.get(petition)) or own.state is not SignatureState.SPENT
        for petition in turn.facts.signed
    )


def _is_spent(turn: Turn) -> bool:
    return any(own.state is SignatureState.SPENT for own in turn.facts.own.values())


def stay(turn: Turn) -> Outcome:
    """The answer to the notice. Any sign of life is enough to stay, this one says so."""
    return turn.answer(
        turn.screen(words("privacy.stays"), (choice("privacy", "privacy"), to_menu()))
    )


def notice(days: int) -> Message:
    """Told to somebody who was silent for long, so many days before their data are erased."""
    return Message(
        words("privacy.notice", days=days),
        buttons=(
            (choice("stay", "stay"),),
            (choice("forget", "forget"), choice("privacy", "privacy")),
        ),
    )


ROUTES = (
    Route("privacy", show, command=show),
    Route("howlong", how_long),
    Route("mydata", my_data, command=my_data),
    Route("forget", forget, command=forget),
    Route("stay", stay),
)
