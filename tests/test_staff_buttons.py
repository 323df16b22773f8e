"""The buttons of the staff: readable, short enough, leading somewhere – also those of earlier
versions, which stand in chats for years."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Attached, Broadcast, Lead, State
from bot.campaign.broadcast_rules.record import BroadcastRecord, Desk
from bot.campaign.conversation import step
from bot.campaign.desk_commands.broadcasts import Approve, Return, Schedule, SetText
from bot.campaign.entrances import BUTTONS
from bot.campaign.events import Chose, Said
from bot.campaign.former_buttons import renamed
from bot.campaign.messages import Choice
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import staff_screens
from bot.campaign.staff import Member, Role
from bot.campaign.supporter import Facts, Supporter
from bot.channels.telegram.capabilities import TELEGRAM
from tests.shipped import shipped

CAMPAIGN, _ = shipped()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OWNER, EDITOR = Member("o", Role.OWNER), Member("e", Role.EDITOR)
LARGE = 99_999_990
"""No campaign writes more broadcasts than that."""

FORMER = [
    ("sap:0", "staff.approvals:0"),
    ("sbn", "staff.new"),
    ("sb:3", "staff.show:3"),
    ("sba:3:text:fr", "staff.text:3:fr"),
    ("sba:3:file", "staff.file:3"),
    ("sba:3:link", "staff.link:3"),
    ("sba:3:at", "staff.schedule:3"),
    ("sba:3:source", "staff.source:3"),
    ("sba:3:title", "staff.title:3"),
    ("sba:3:word", "staff.return:3"),
    ("sbc:3:cancel", "staff.sure:3:cancel"),
    ("sbc:3:discard", "staff.sure:3:discard"),
    ("sbc:3:retract", "staff.sure:3:retract"),
    ("sbc:3:release", "staff.sure:3:release"),
    ("sbt:3", "staff.test:3"),
    ("sbl:3", "staff.leads:3"),
    ("sbl:3:mamat", "staff.leads:3:mamat"),
    ("sbw:3", "staff.audience:3"),
    ("sbo:3", "staff.options:3"),
    ("sbx:3:mamat", "staff.lead:3:mamat"),
    ("sbx:3:mamat:letter", "staff.lead:3:mamat:letter"),
    ("sby:3:fr", "staff.no_text:3:fr"),
    ("sbk:3", "staff.which_case:3"),
    ("sbd:3:attach:", "staff.no_file:3"),
    ("sbd:3:schedule:", "staff.at_once:3"),
    ("sbd:3:preview:", "staff.preview:3"),
    ("sbd:3:count:", "staff.count:3"),
    ("sbd:3:report:", "staff.report:3"),
    ("sbd:3:test:", "staff.send_test:3"),
    ("sbd:3:test:office", "staff.send_test:3:office"),
    ("sbd:3:aim:signed=yes", "staff.aim:3:signed:yes"),
    ("sbd:3:aim:case=", "staff.aim:3:case:"),
    ("sbd:3:switch:quiet=off", "staff.switch:3:quiet:off"),
    ("sbd:3:unlead:0123456789ab", "staff.unlead:3:0123456789ab"),
    ("sbd:3:submit:", "staff.submit:3"),
    ("sbd:3:approve:0123456789abcdef", "staff.approve:3:0123456789abcdef"),
    ("sbd:3:pause:", "staff.pause:3"),
    ("sbd:3:resume:", "staff.resume:3"),
    ("sbd:3:cancel:", "staff.cancel:3"),
    ("sbd:3:discard:", "staff.discard:3"),
    ("sbd:3:retract:", "staff.retract:3"),
    ("sbd:3:correct:", "staff.correct:3"),
    ("sbd:3:release:", "staff.release:3"),
    ("su", "staff.banner"),
    ("sup:fr", "staff.banner_text:fr"),
    ("sux:fr", "staff.banner_less:fr"),
    ("svp:banner:", "staff.banner_away"),
    ("svp:case.mamat:paused", "staff.state:mamat:paused"),
    ("svp:case.mamat:", "staff.state:mamat:"),
    ("svc:banner:0123456789abcdef", "staff.accept:banner:0123456789abcdef"),
    ("svc:case.mamat:0123456789abcdef", "staff.accept:case.mamat:0123456789abcdef"),
    ("svr:case.mamat", "staff.refuse:case.mamat"),
    ("svr:banner", "staff.refuse:banner"),
    ("sc", "staff.cases"),
    ("scs:mamat", "staff.case:mamat"),
]
"""Every button that the version before this one made, and what it is called now."""


@pytest.mark.parametrize(("former", "today"), FORMER)
def test_a_button_of_an_earlier_version_does_what_it_did(former: str, today: str) -> None:
    assert renamed(former) == today
    name, *arguments = today.split(":")
    assert len(arguments) in BUTTONS[name].arguments
    assert pressed(former, desk(3)) == pressed(today, desk(3))
    assert pressed(former, desk(3)) != pressed("sbz:3", desk(3)), "no old button"


def test_what_no_version_ever_made_leads_nowhere() -> None:
    nowhere = pressed("sbz:3", desk(3))
    for forged in ("sby:x:fr", "sby:x", "sb:x", "sbt:²", "sbw:" + "9" * 60):
        assert pressed(forged, desk(3)) == nowhere
    for forged in ("sby:3:x", "sbd:3:aim:x=y", "sbd:3:switch:x=on", "sbd:3:approve:x"):
        assert not pressed(forged, desk(3, State.DRAFT)).effects
    for forged in ("sbd:3", "sbd:3:text:fr\nx", "sbd:3:explode:", "sba:3:else", "svp:nothing:x"):
        assert renamed(forged) == forged
        assert pressed(forged, desk(3)) == nowhere


def desk(number: int, state: State = State.REVIEW, **changes: object) -> Desk:
    broadcast = Broadcast(
        id=number,
        author="e",
        state=state,
        texts={"fr": "Bonjour"},
        attached=Attached(kind="photo", ref="x"),
        leads=(Lead(case="mamat"), Lead(case="akber", action="letter")),
        audience=Audience(topic="cases"),
    )
    broadcast = broadcast.model_copy(
        update={"counted": 9, "counted_hash": broadcast.fingerprint, **changes}
    )
    record = BroadcastRecord(broadcast, recipients=9, sent=8, unknown=1)
    proposed = '[["e"], "paused"]'
    banner = '{"texts": {"en": "Write", "fr": "Vite"}, "until": "2031-12-24", "url": ""}'
    values = {"banner": banner, "proposal.case.mamat": proposed, "proposal.banner": '[["e"], ""]'}
    return Desk(
        OWNER,
        (record,),
        groups=("office",),
        paid_rate=500.0,
        next_number=number,
        set_values=values,
        channels=(TELEGRAM,),
        without_factor=("e",),
    )


def pressed(data: str, lies: Desk) -> Outcome:
    event = Chose(id="1", channel="telegram", address="1", language="fr", data=data, on="5")
    return step(Supporter(known=True), event, Facts(staff="owner", desk=lies), CAMPAIGN, NOW)


def test_every_button_of_the_staff_is_short_enough_and_leads_somewhere() -> None:
    nowhere = pressed("sbz:3", desk(3)).messages
    seen: set[str] = set()
    for state, member in itertools.product(State, (OWNER, EDITOR)):
        lies = replace(desk(LARGE, state), member=member)
        here: set[str] = set()
        waiting = ["staff", *progress(lies)]
        while waiting:
            data = waiting.pop()
            if data in here:
                continue
            here.add(data)
            assert len(data.encode()) <= 64, data
            outcome = pressed(data, lies)
            assert outcome.messages != nowhere, data
            waiting += [one for one in buttons(outcome) if "staff" in one]
        seen |= here
    scenes = {data.split(":")[0] for data in seen}
    missing = {name for name in BUTTONS if name.startswith("staff")} - scenes
    assert not missing, "no screen of these states leads there"


def buttons(outcome: Outcome) -> Iterator[str]:
    for message in outcome.messages:
        for button in (button for row in message.buttons for button in row):
            if isinstance(button, Choice):
                yield button.data


def progress(lies: Desk) -> list[str]:
    message = staff_screens.progress(lies.broadcasts[0], staff_screens.Pace(), OWNER)
    return [b.data for row in message.buttons for b in row if isinstance(b, Choice)]


def test_the_longest_ids_fit_into_a_button() -> None:
    case = action = "x" * 20
    for data in (
        f"staff.lead:{LARGE}:{case}:{action}",
        f"staff.accept:case.{case}:{'f' * 16}",
        f"news:{LARGE}:staff.sure:{LARGE}:discard",
        f"staff.approve:{LARGE}:{'f' * 16}",
    ):
        assert len(data.encode()) <= 64


def test_a_button_and_an_answer_make_the_command_that_they_name() -> None:
    lies = desk(3)
    mark = lies.broadcasts[0].broadcast.approval_mark
    assert pressed(f"staff.approve:3:{mark}", lies).effects == (Approve(3, mark),)
    assert pressed("staff.at_once:3", lies).effects == (Schedule(3, None),)
    assert typed("b_text:3:fr", "Bonsoir", lies) == (SetText(3, "fr", "Bonsoir"),)
    assert typed("b_word:3:", "Plus court", lies) == (Return(3, "Plus court"),)


def typed(question: str, text: str, lies: Desk) -> tuple[object, ...]:
    event = Said(id="1", channel="telegram", address="1", language="fr", text=text)
    supporter = replace(Supporter(known=True), question=question)
    return step(supporter, event, Facts(staff="owner", desk=lies), CAMPAIGN, NOW).effects
