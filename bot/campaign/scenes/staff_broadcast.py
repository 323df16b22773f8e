"""One broadcast on the desk: written, aimed, tried, approved, watched, stopped, taken back."""

from __future__ import annotations

from collections.abc import Mapping

from bot.campaign.broadcast_rules.acts import StaffAct, allowed, may, may_order
from bot.campaign.broadcast_rules.broadcast import MOST_LEADS, Broadcast, State
from bot.campaign.broadcast_rules.checking import faults
from bot.campaign.broadcast_rules.course import released
from bot.campaign.broadcast_rules.drafting import correction
from bot.campaign.broadcast_rules.standing import Standing
from bot.campaign.broadcast_rules.timing import quiet_until
from bot.campaign.capabilities import changeable_since
from bot.campaign.messages import Button, words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import staff_screens
from bot.campaign.scenes.staff_menu import desk_of
from bot.campaign.scenes.staff_screens import button, fault, figures, title, when
from bot.campaign.staff import Right
from bot.campaign.turn import NotOffered, Turn

ASKED: Mapping[str, str] = {
    "text": "text",
    "file": "attach",
    "link": "lead",
    "at": "schedule",
    "source": "aim",
    "title": "title",
    "word": "return",
}
"""What can be asked for, and the act that the answer leads to."""


def standing_of(turn: Turn, number: str) -> Standing:
    """The broadcast of that number. Raises NotOffered."""
    found = desk_of(turn).standing(int(number)) if number.isdecimal() else None
    if found is None:
        raise NotOffered("broadcast")
    return found


def show(turn: Turn, number: str, note: str = "") -> Outcome:
    """All about one broadcast, and what this member may do with it now."""
    return screen_of(turn, standing_of(turn, number), note)


def screen_of(turn: Turn, standing: Standing, note: str = "", *effects: StaffAct) -> Outcome:
    """The screen of a broadcast as it stands."""
    desk, broadcast = desk_of(turn), standing.broadcast
    wrong = faults(broadcast, turn.campaign, desk.channels)
    quiet = broadcast.quiet and quiet_until(broadcast.at or turn.now, turn.campaign.time_zone)
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
        deleted=int(standing.report.get("deleted", 0)),
        at=when(broadcast.at, turn.campaign),
        zone=turn.campaign.time_zone,
        quiet=when(quiet or None, turn.campaign),
        count=broadcast.counted if broadcast.is_counted and broadcast.counted is not None else -1,
        stars=broadcast.stars,
        approvals=desk.approvals,
        corrects=broadcast.corrects,
        figures=figures(standing) if standing.recipients else "",
        faults=tuple(fault(one) for one in wrong),
        note=words(f"staff.note.{note}", until="") if note else "",
    )
    return turn.answer(
        turn.screen(text, *_rows(turn, standing, stops=any(one.stops for one in wrong))),
        effects=effects,
    )


def _rows(turn: Turn, standing: Standing, *, stops: bool) -> list[tuple[Button, ...]]:
    member, broadcast = desk_of(turn).member, standing.broadcast
    here = broadcast.id
    rows: list[tuple[Button, ...]] = []
    if may(broadcast, "text", member):
        rows.append(
            tuple(
                button("text", f"sba:{here}:text:{code}", language=code)
                for code in turn.campaign.languages
            )
        )
        leads_button, options = button("leads", f"sbl:{here}"), button("options", f"sbo:{here}")
        if broadcast.corrects:
            rows.append((leads_button, options))
        else:
            rows.append((button("file", f"sba:{here}:file"), leads_button))
            rows.append((button("audience", f"sbw:{here}"), options))
    if broadcast.texts:
        tries = [button("preview", f"sbd:{here}:preview:")]
        if may_order("test", member):
            tries.append(button("test", f"sbt:{here}"))
        rows.append(tuple(tries))
    if may(broadcast, "submit", member) and not stops:
        rows.append((button("submit", f"sbd:{here}:submit:"),))
    if may(broadcast, "schedule", member) and broadcast.started_at is None:
        rows.append((button("schedule", f"sba:{here}:at"),))
    own = desk_of(turn).approvals and member.mark in broadcast.hands
    if may(broadcast, "approve", member) and broadcast.is_counted and not stops and not own:
        rows.append((staff_screens.approve(broadcast),))
    if may(broadcast, "return", member):
        rows.append((button("return", f"sba:{here}:word"),))
    for act in ("pause", "resume"):
        if may(broadcast, act, member):
            rows.append((button(act, f"sbd:{here}:{act}:"),))
    if may(broadcast, "cancel", member):
        rows.append((button("cancel", f"sbc:{here}:cancel"),))
    elif may(broadcast, "discard", member) and broadcast.author == member.mark:
        rows.append((button("discard", f"sbc:{here}:discard"),))
    rows += _afterwards(turn, standing)
    rows.append((button("refresh", f"sb:{here}"), button("menu", "staff")))
    return rows


def _afterwards(turn: Turn, standing: Standing) -> list[tuple[Button, ...]]:
    member, broadcast = desk_of(turn).member, standing.broadcast
    here = broadcast.id
    rows: list[tuple[Button, ...]] = []
    if not standing.recipients:
        return rows
    if member.may(Right.LOOK):
        rows.append((button("report", f"sbd:{here}:report:"),))
    if standing.unknown and allowed(released, broadcast, member):
        rows.append((button("release", f"sbc:{here}:release", number=standing.unknown),))
    if not _can_be_changed(turn, broadcast):
        return rows
    if allowed(correction, broadcast, member):
        rows.append((button("correct", f"sbd:{here}:correct:"),))
    whole = broadcast.retract == "done" and not standing.report.get("undeleted")
    if may(broadcast, "retract", member) and broadcast.retract != "asked" and not whole:
        rows.append((button("retract", f"sbc:{here}:retract"),))
    return rows


def _can_be_changed(turn: Turn, broadcast: Broadcast) -> bool:
    """Whether a channel still lets some of its messages be changed or deleted."""
    last = broadcast.ended_at or broadcast.started_at or turn.now
    since = changeable_since(desk_of(turn).channels, turn.now)
    return any(last > moment for moment in since.values())


def confirm(turn: Turn, number: str, act: str) -> Outcome:
    """Before what cannot be undone: once more, and what it means."""
    broadcast = standing_of(turn, number).broadcast
    if act not in ("cancel", "discard", "retract", "release"):
        raise NotOffered(act)
    paused = broadcast.state is State.PAUSED
    return turn.answer(
        turn.screen(
            words(f"staff.confirm.{act}", title=title(broadcast), paused=paused),
            (button(f"really_{act}", f"sbd:{number}:{act}:"),),
            (button("back", f"sb:{number}"),),
        )
    )


def leads(turn: Turn, number: str, case_id: str = "") -> Outcome:
    """The buttons under the broadcast; what there is for a case, where one is chosen."""
    standing = standing_of(turn, number)
    return _leads_into(turn, standing, case_id) if case_id else leads_of(turn, standing)


def leads_of(turn: Turn, standing: Standing) -> Outcome:
    """The same, of one that was just changed."""
    broadcast, here = standing.broadcast, standing.broadcast.id
    rows: list[tuple[Button, ...]] = []
    for lead in broadcast.leads:
        shown = lead.button(turn.campaign, turn.language, here)
        name = shown.label if shown else f"{lead.case} {lead.action}"
        rows.append((button("unlead", f"sbd:{here}:unlead:{lead.mark}", name=name),))
    if len(broadcast.leads) < MOST_LEADS:
        rows += [
            (button("lead_into", f"sbl:{here}:{case_id}", name=case.full_name),)
            for case_id, case in turn.campaign.cases.items()
        ]
        rows.append((button("lead_link", f"sba:{here}:link"),))
    rows.append((button("back", f"sb:{here}"),))
    text = words("staff.leads", number=len(broadcast.leads), most=MOST_LEADS)
    return turn.answer(turn.screen(text, *rows))


def _leads_into(turn: Turn, standing: Standing, case_id: str) -> Outcome:
    case, here = turn.case(case_id), standing.broadcast.id
    rows = [(button("lead_case", f"sbx:{here}:{case_id}"),)]
    rows += [
        (
            button(
                "lead_action",
                f"sbx:{here}:{case_id}:{action.id}",
                name=words(f"{case_id}.action.{action.id}.title"),
            ),
        )
        for action in case.actions
    ]
    return turn.answer(
        turn.screen(
            words("staff.leads_into", name=case.full_name),
            *rows,
            (button("back", f"sbl:{here}"),),
        )
    )


def ask(turn: Turn, number: str, what: str, more: str = "") -> Outcome:
    """Ask for what is typed or sent next."""
    standing = standing_of(turn, number)
    if what not in ASKED:
        raise NotOffered(what)
    if not may(standing.broadcast, ASKED[what], desk_of(turn).member):
        return screen_of(turn, standing, "no_state")
    rows: list[tuple[Button, ...]] = []
    if what == "file" and standing.broadcast.attached:
        rows.append((button("no_file", f"sbd:{number}:attach:"),))
    if what == "at":
        rows.append((button("at_once", f"sbd:{number}:schedule:"),))
    if what == "text" and more in standing.broadcast.texts:
        rows.append((button("no_text", f"sby:{number}:{more}"),))
    if what == "source":
        names = desk_of(turn).sources
        rows += [(button("from", f"sbd:{number}:aim:source={name}", name=name),) for name in names]
    rows.append((button("back", f"sb:{number}"),))
    text = words(
        f"staff.ask_{what}",
        language=more,
        languages=", ".join(turn.campaign.languages),
        zone=turn.campaign.time_zone,
    )
    return turn.answer(turn.screen(text, *rows), question=f"b_{what}:{number}:{more}")


def test(turn: Turn, number: str) -> Outcome:
    """To whom a test goes: oneself, or a named group."""
    standing_of(turn, number)
    groups = desk_of(turn).groups
    rows: list[tuple[Button, ...]] = [(button("test_self", f"sbd:{number}:test:"),)]
    rows += [(button("test_group", f"sbd:{number}:test:{name}", name=name),) for name in groups]
    rows.append((button("back", f"sb:{number}"),))
    return turn.answer(turn.screen(words("staff.ask_test", groups=len(groups)), *rows))
