"""One broadcast on the desk: written, aimed, tried, approved, watched, stopped, taken back."""

from __future__ import annotations

from collections.abc import Mapping

from bot.campaign.broadcast_rules.acts import allowed, may, may_request
from bot.campaign.broadcast_rules.broadcast import MOST_LEADS, Broadcast, State
from bot.campaign.broadcast_rules.checking import faults
from bot.campaign.broadcast_rules.course import released
from bot.campaign.broadcast_rules.drafting import correction
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.broadcast_rules.timing import quiet_until
from bot.campaign.capabilities import changeable_since
from bot.campaign.desk_commands.broadcasts import (
    AddLead,
    Aim,
    Approve,
    Attach,
    BroadcastCommand,
    Cancel,
    Discard,
    Pause,
    Resume,
    Retract,
    Return,
    Schedule,
    SetText,
    SetTitle,
    Submit,
)
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.requests import SendTest
from bot.campaign.messages import Button, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import staff_screens
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button, fault, figures, title, when
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Scene, Turn

ASKED: Mapping[str, type[BroadcastCommand]] = {
    "text": SetText,
    "file": Attach,
    "link": AddLead,
    "at": Schedule,
    "source": Aim,
    "title": SetTitle,
    "word": Return,
}
"""What can be asked for, and the command that the answer leads to."""
ASKING: Mapping[str, str] = {
    "staff.text": "text",
    "staff.file": "file",
    "staff.link": "link",
    "staff.schedule": "at",
    "staff.source": "source",
    "staff.title": "title",
    "staff.return": "word",
}
"""What each button asks for."""


def record_of(turn: Turn, number: str) -> BroadcastRecord:
    """The broadcast of that number. Raises NotOffered."""
    found = desk_of(turn).record(int(number)) if number.isdecimal() else None
    if found is None:
        raise NotOffered("broadcast")
    return found


def show(turn: Turn, number: str) -> Outcome:
    """All about one broadcast, and what this member may do with it now."""
    return screen_of(turn, record_of(turn, number))


def screen_of(
    turn: Turn, record: BroadcastRecord, note: str = "", *effects: StaffCommand
) -> Outcome:
    """The screen of a broadcast as it stands."""
    desk, broadcast = desk_of(turn), record.broadcast
    wrong = faults(broadcast, turn.campaign, desk.channels)
    quiet = broadcast.keeps_quiet and quiet_until(broadcast.at or turn.now, turn.campaign.time_zone)
    text = words(
        "staff.broadcast",
        title=title(broadcast),
        state=words(f"staff.state.{broadcast.state}"),
        reason=words(f"staff.reason.{broadcast.reason}") if broadcast.reason else "",
        authors=staff_screens.writers(broadcast, desk.names),
        approved=desk.names.get((*broadcast.approved_by, "")[0], ""),
        languages=", ".join(broadcast.texts) or "–",
        file=broadcast.attached.kind if broadcast.attached else "",
        buttons=len(broadcast.leads),
        audience=staff_screens.audience(broadcast, turn.campaign),
        options=staff_screens.options(broadcast),
        number=broadcast.id,
        deleted=int(record.report.get("deleted", 0)),
        at=when(broadcast.at, turn.campaign),
        zone=turn.campaign.time_zone,
        quiet=when(quiet or None, turn.campaign),
        count=broadcast.counted if broadcast.is_counted and broadcast.counted is not None else -1,
        stars=broadcast.stars,
        approvals=desk.approvals,
        corrects=broadcast.corrects,
        figures=figures(record) if record.recipients else "",
        faults=tuple(fault(one) for one in wrong),
        note=words(f"staff.note.{note}", until="") if note else "",
    )
    return turn.answer(
        turn.screen(text, *_rows(turn, record, stops=any(one.stops for one in wrong))),
        effects=effects,
    )


def _rows(turn: Turn, record: BroadcastRecord, *, stops: bool) -> list[tuple[Button, ...]]:
    member, broadcast = desk_of(turn).member, record.broadcast
    here = broadcast.id
    rows: list[tuple[Button, ...]] = []
    if may(broadcast, SetText, member):
        rows.append(
            tuple(
                button("text", f"staff.text:{here}:{code}", language=code)
                for code in turn.campaign.languages
            )
        )
        leads_button, options = (
            button("leads", f"staff.leads:{here}"),
            button("options", f"staff.options:{here}"),
        )
        if broadcast.corrects:
            rows.append((leads_button, options))
        else:
            rows.append((button("file", f"staff.file:{here}"), leads_button))
            rows.append((button("audience", f"staff.audience:{here}"), options))
    if broadcast.texts:
        tries = [button("preview", f"staff.preview:{here}")]
        if may_request(SendTest, member):
            tries.append(button("test", f"staff.test:{here}"))
        rows.append(tuple(tries))
    if may(broadcast, Submit, member) and not stops:
        rows.append((button("submit", f"staff.submit:{here}"),))
    if may(broadcast, Schedule, member) and broadcast.started_at is None:
        rows.append((button("schedule", f"staff.schedule:{here}"),))
    own = desk_of(turn).approvals and member.mark in broadcast.hands
    if may(broadcast, Approve, member) and broadcast.is_counted and not stops and not own:
        rows.append((staff_screens.approve(broadcast),))
    if may(broadcast, Return, member):
        rows.append((button("return", f"staff.return:{here}"),))
    for command in (Pause, Resume):
        if may(broadcast, command, member):
            rows.append((button(command.name, f"staff.{command.name}:{here}"),))
    if may(broadcast, Cancel, member):
        rows.append((button("cancel", f"staff.sure:{here}:cancel"),))
    elif may(broadcast, Discard, member) and broadcast.author == member.mark:
        rows.append((button("discard", f"staff.sure:{here}:discard"),))
    rows += _afterwards(turn, record)
    rows.append((button("refresh", f"staff.show:{here}"), button("menu", "staff")))
    return rows


def _afterwards(turn: Turn, record: BroadcastRecord) -> list[tuple[Button, ...]]:
    member, broadcast = desk_of(turn).member, record.broadcast
    here = broadcast.id
    rows: list[tuple[Button, ...]] = []
    if not record.recipients:
        return rows
    if member.may(Right.LOOK):
        rows.append((button("report", f"staff.report:{here}"),))
    if record.unknown and allowed(released, broadcast, member):
        rows.append((button("release", f"staff.sure:{here}:release", number=record.unknown),))
    if not _can_be_changed(turn, broadcast):
        return rows
    if allowed(correction, broadcast, member):
        rows.append((button("correct", f"staff.correct:{here}"),))
    whole = broadcast.retract == "done" and not record.report.get("undeleted")
    if may(broadcast, Retract, member) and broadcast.retract != "asked" and not whole:
        rows.append((button("retract", f"staff.sure:{here}:retract"),))
    return rows


def _can_be_changed(turn: Turn, broadcast: Broadcast) -> bool:
    """Whether a channel still lets some of its messages be changed or deleted."""
    last = broadcast.ended_at or broadcast.started_at or turn.now
    since = changeable_since(desk_of(turn).channels, turn.now)
    return any(last > moment for moment in since.values())


def confirm(turn: Turn, number: str, act: str) -> Outcome:
    """Before what cannot be undone: once more, and what it means."""
    broadcast = record_of(turn, number).broadcast
    if act not in ("cancel", "discard", "retract", "release"):
        raise NotOffered(act)
    paused = broadcast.state is State.PAUSED
    return turn.answer(
        turn.screen(
            words(f"staff.confirm.{act}", title=title(broadcast), paused=paused),
            (button(f"really_{act}", f"staff.{act}:{number}"),),
            (button("back", f"staff.show:{number}"),),
        )
    )


def leads(turn: Turn, number: str, case_id: str = "") -> Outcome:
    """The buttons under the broadcast; what there is for a case, where one is chosen."""
    record = record_of(turn, number)
    return _leads_into(turn, record, case_id) if case_id else leads_of(turn, record)


def leads_of(turn: Turn, record: BroadcastRecord) -> Outcome:
    """The same, of one that was just changed."""
    broadcast, here = record.broadcast, record.broadcast.id
    rows: list[tuple[Button, ...]] = []
    for lead in broadcast.leads:
        shown = lead.button(turn.campaign, turn.language, here)
        name = shown.label if shown else f"{lead.case} {lead.action}"
        rows.append((button("unlead", f"staff.unlead:{here}:{lead.mark}", name=name),))
    if len(broadcast.leads) < MOST_LEADS:
        rows += [
            (button("lead_into", f"staff.leads:{here}:{case_id}", name=case.full_name),)
            for case_id, case in turn.campaign.cases.items()
        ]
        rows.append((button("lead_link", f"staff.link:{here}"),))
    rows.append((button("back", f"staff.show:{here}"),))
    text = words("staff.leads", number=len(broadcast.leads), most=MOST_LEADS)
    return turn.answer(turn.screen(text, *rows))


def _leads_into(turn: Turn, record: BroadcastRecord, case_id: str) -> Outcome:
    case, here = turn.case(case_id), record.broadcast.id
    rows = [(button("lead_case", f"staff.lead:{here}:{case_id}"),)]
    rows += [
        (
            button(
                "lead_action",
                f"staff.lead:{here}:{case_id}:{action.id}",
                name=words(f"{case_id}.action.{action.id}.title"),
            ),
        )
        for action in case.actions
    ]
    return turn.answer(
        turn.screen(
            words("staff.leads_into", name=case.full_name),
            *rows,
            (button("back", f"staff.leads:{here}"),),
        )
    )


def asking(what: str) -> Scene:
    """The scene of a button that asks for that."""

    def answer(turn: Turn, number: str, more: str = "") -> Outcome:
        return ask(turn, number, what, more)

    return answer


def ask(turn: Turn, number: str, what: str, more: str = "") -> Outcome:
    """Ask for what is typed or sent next."""
    record = record_of(turn, number)
    if not may(record.broadcast, ASKED[what], desk_of(turn).member):
        return screen_of(turn, record, "no_state")
    rows: list[tuple[Button, ...]] = []
    if what == "file" and record.broadcast.attached:
        rows.append((button("no_file", f"staff.no_file:{number}"),))
    if what == "at":
        rows.append((button("at_once", f"staff.at_once:{number}"),))
    if what == "text" and more in record.broadcast.texts:
        rows.append((button("no_text", f"staff.no_text:{number}:{more}"),))
    if what == "source":
        names = desk_of(turn).sources
        rows += [
            (button("from", f"staff.aim:{number}:source:{name}", name=name),) for name in names
        ]
    rows.append((button("back", f"staff.show:{number}"),))
    text = words(
        f"staff.ask_{what}",
        language=more,
        languages=", ".join(turn.campaign.languages),
        zone=turn.campaign.time_zone,
    )
    return turn.answer(turn.screen(text, *rows), question=f"b_{what}:{number}:{more}")


def test(turn: Turn, number: str) -> Outcome:
    """To whom a test goes: oneself, or a named group."""
    record_of(turn, number)
    groups = desk_of(turn).groups
    rows: list[tuple[Button, ...]] = [(button("test_self", f"staff.send_test:{number}"),)]
    rows += [
        (button("test_group", f"staff.send_test:{number}:{name}", name=name),) for name in groups
    ]
    rows.append((button("back", f"staff.show:{number}"),))
    return turn.answer(turn.screen(words("staff.ask_test", groups=len(groups)), *rows))


ROUTES = (
    Route("staff.show", show, staff=True),
    *(Route(name, asking(what), staff=True) for name, what in ASKING.items()),
    Route("staff.leads", leads, staff=True),
    Route("staff.test", test, staff=True),
    Route("staff.sure", confirm, staff=True),
)
