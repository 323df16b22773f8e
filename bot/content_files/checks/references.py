"""Names in cases.yaml that point to something which is not there, or point there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.campaign.content import Case, LetterAction
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem, did_you_mean
from bot.content_files.reading import Address
from bot.wording import locale_of

SIGN = "sign"
# Message files that say nothing of the campaign's own: labels and screens of the program.
INTERFACE = frozenset(
    (
        "actions", "alarms", "buttons", "card", "chat", "commands", "compose", "countries",
        "desk", "documents", "donate", "exposed", "figures", "handover", "help", "inbox",
        "inline", "language", "leave", "letter", "listed", "lots", "milestones", "page",
        "pending", "petition", "post", "preview", "privacy", "profile", "reminders", "safety",
        "school", "share", "staff", "start", "story", "support", "surprises", "typed",
        "updates", "web", "welcome",
    )
)  # fmt: skip
# A case of such a name would read the texts of that file.
RESERVED = INTERFACE | {"addressees", "banner", "others", "petitions"}


def check(content: Checked) -> Iterator[Problem]:
    """Everything that is named must be there."""
    yield from _campaign(content)
    yield from _sources(content)
    for case_id, case in content.campaign.cases.items():
        yield from _case(content, case_id, case)
        yield from _story(content, case_id, case)
        for n, action in enumerate(case.actions):
            if isinstance(action, LetterAction):
                yield from _letter(content, ("cases", case_id, "actions", n), action)


def _campaign(content: Checked) -> Iterator[Problem]:
    campaign = content.campaign
    try:
        ZoneInfo(campaign.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield content.at(
            ("time_zone",),
            f'unknown time_zone "{campaign.time_zone}"',
            'write it like "Europe/Paris"',
        )
    for n, language in enumerate(campaign.languages):
        try:
            locale_of(language)
        except LookupError:
            yield content.at(
                ("languages", n), f'unknown language "{language}"', 'write a code like "fr"'
            )
    if not campaign.cases:
        yield content.at(("cases",), "there is no case", "add one")
    if not campaign.petitions:
        yield content.at(("petitions",), "there is no petition", "add one")
    if campaign.opens_with is not None and campaign.opens_with not in campaign.cases:
        yield content.at(
            ("opens_with",),
            f'unknown case "{campaign.opens_with}"',
            did_you_mean(campaign.opens_with, campaign.cases),
        )
    yield from _doubles(content, ("languages",), campaign.languages)
    yield from _doubles(content, ("topics",), campaign.topics)
    yield from _doubles(content, ("others",), [other.id for other in campaign.others])


def _case(content: Checked, case_id: str, case: Case) -> Iterator[Problem]:
    at: Address = ("cases", case_id)
    campaign = content.campaign
    if case_id in RESERVED:
        yield content.at(
            at, f'"{case_id}" is the name of a message file', "choose another", name=True
        )
    if case.petition not in campaign.petitions:
        yield content.at(
            (*at, "petition"),
            f'unknown petition "{case.petition}"',
            did_you_mean(case.petition, campaign.petitions),
        )
    others = [other for other in campaign.cases if other != case_id]
    if case.other is not None and case.other not in others:
        yield content.at(
            (*at, "other"), f'unknown case "{case.other}"', did_you_mean(case.other, others)
        )
    steps = [step.id for step in case.story]
    if case.video is not None and case.video.step not in steps:
        yield content.at(
            (*at, "video", "step"),
            f'unknown step "{case.video.step}"',
            did_you_mean(case.video.step, steps),
        )
    yield from _doubles(content, (*at, "actions"), [action.id for action in case.actions])
    yield from _doubles(content, (*at, "story"), steps)


def _story(content: Checked, case_id: str, case: Case) -> Iterator[Problem]:
    actions = [action.id for action in case.actions]
    if SIGN in actions:
        place = ("cases", case_id, "actions", actions.index(SIGN), "id")
        yield content.at(place, f'"{SIGN}" means the petition', "give the action another id")
    for n, step in enumerate(case.story):
        if step.act not in (*actions, SIGN):
            # Told by the case alone: the file and line name the step.
            yield Problem(
                content.document.place(("cases", case_id, "story", n, "act")),
                f'case {case_id}: unknown action "{step.act}"',
                did_you_mean(step.act, [*actions, SIGN]),
            )


def _letter(content: Checked, at: Address, action: LetterAction) -> Iterator[Problem]:
    known = content.campaign.addressees
    for field, ids in (("to", action.to), ("copy_to", action.copy_to)):
        for n, addressee in enumerate(ids):
            if addressee not in known:
                yield content.at(
                    (*at, field, n),
                    f'unknown addressee "{addressee}"',
                    did_you_mean(addressee, known),
                )
            elif action.by == "email" and not known[addressee].email:
                yield content.at(
                    (*at, field, n),
                    f'"{addressee}" has no e-mail address, and the letter goes by e-mail',
                    "add email to the addressee, or write by: any",
                )
    yield from _doubles(content, (*at, "to"), [*action.to, *action.copy_to])
    yield from _doubles(content, (*at, "paragraphs"), action.paragraphs)
    first = known.get(action.to[0])
    if first and first.reads and first.reads not in content.campaign.languages:
        yield content.at(
            ("addressees", action.to[0], "reads"),
            f'nobody writes in "{first.reads}" here',
            did_you_mean(first.reads, content.campaign.languages),
        )
    for angle, paragraphs in action.angles.items():
        yield from _doubles(content, (*at, "angles", angle), paragraphs)


def _sources(content: Checked) -> Iterator[Problem]:
    """Every ``source: S0, S1`` in the file, wherever it stands."""
    known = content.campaign.sources
    for address in content.document.values:
        if len(address) > 1 and address[-1] == "source":
            named = content.document.at(address)
            for code in str(named).split(","):
                if code.strip() not in known:
                    yield content.at(
                        address,
                        f'unknown source "{code.strip()}"',
                        did_you_mean(code.strip(), known),
                    )


def _doubles(content: Checked, at: Address, names: Sequence[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            second = [n for n, other in enumerate(names) if other == name][1]
            yield content.at((*at, second), f'"{name}" is named twice', "keep one")
