"""Petitions as they stand in content: what is signed, and where it goes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.campaign.parts import AsOf, Dated, Day, Id, Label, Part


class HandedOver(Dated):
    """What was collected elsewhere before and handed over: told apart from what is signed here."""

    count: int = Field(gt=0)
    day: AsOf
    territories: int = Field(gt=0)
    in_france: int = Field(gt=0)


class HandOver(Part):
    """What becomes of the signatures given here; what is left out is told as not decided yet."""

    to: list[Id] = Field([])
    """Who gets them, among the addressees."""
    when: AsOf | None = None
    """As exact as it is decided: "2027-03-01", "2027-03", "spring 2027"."""
    decided_by: Label | None = None
    """Who decides to whom and when they go."""

    @property
    def undecided(self) -> list[str]:
        """The fields that nobody has filled in."""
        return [name for name in ("to", "when", "decided_by") if not getattr(self, name)]


class Petition(Part):
    """A text to be signed: `petitions.ID.text` in messages/…/petitions.yaml.

    `hand_over`: where the signatures given here go, when, and who decides.
    `delivered`: the day on which what was signed *here* was handed over. It starts the clock after
    which the signatures and their key are destroyed, so only a closed petition may have it.
    """

    state: Literal["open", "closed"]
    version: int = Field(ge=1)
    handed_over: HandedOver | None = None
    hand_over: HandOver = HandOver()
    milestones: list[Annotated[int, Field(gt=0)]] = Field([])
    delivered: Day | None = None

    @model_validator(mode="after")
    def _delivered_when_closed(self) -> Petition:
        if self.delivered is not None and self.state != "closed":
            raise ValueError(
                "delivered starts the destruction of the signatures: set state: closed first"
            )
        if self.delivered is not None:
            date.fromisoformat(self.delivered)
        return self
