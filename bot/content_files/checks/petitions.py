"""Petitions of which supporters cannot read where their signatures go."""

from __future__ import annotations

from collections.abc import Iterator

from bot.campaign.content import Campaign
from bot.campaign.petitions import Petition
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem, did_you_mean

_WHAT = {"to": "to whom", "when": "when", "decided_by": "who decides"}


def check(content: Checked) -> Iterator[Problem]:
    """Addressees that there are not; and a warning for what nobody has decided."""
    for petition_id, petition in content.campaign.petitions.items():
        yield from _addressees(content, petition_id, petition)
        open_questions = petition.hand_over.undecided
        if open_questions and petition.delivered is None:
            missing = ", ".join(_WHAT[name] for name in open_questions)
            yield content.at(
                ("petitions", petition_id),
                f"the signatures given here will be handed over: nothing says {missing}",
                'fill in hand_over: {to: [ADDRESSEE], when: "2027-03", decided_by: NAME}; '
                "until then supporters read that it is not decided",
                name=True,
                severity="warning",
            )


def changed_petitions(before: Campaign, after: Campaign) -> list[str]:
    """The petitions whose text is another one in some language, and their version is not."""
    return [
        petition_id
        for petition_id, petition in after.petitions.items()
        if petition_id in before.petitions
        and before.petitions[petition_id].version == petition.version
        and any(
            before.petition_hashes.get((petition_id, language), hash_) != hash_
            for (named, language), hash_ in after.petition_hashes.items()
            if named == petition_id
        )
    ]


def _addressees(content: Checked, petition_id: str, petition: Petition) -> Iterator[Problem]:
    known = content.campaign.addressees
    for n, addressee in enumerate(petition.hand_over.to):
        if addressee not in known:
            yield content.at(
                ("petitions", petition_id, "hand_over", "to", n),
                f'unknown addressee "{addressee}"',
                did_you_mean(addressee, known),
            )
