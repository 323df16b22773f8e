"""Rules of the house that staff may set: how long data is kept, when to remind, when to hold."""

from __future__ import annotations

from pydantic import Field, model_validator

from bot.campaign.parts import Part


class Retention(Part):
    """How long each kind of data is kept. Shown to supporters; `purge` holds to it."""

    drafts_hours: int = Field(24, ge=1, le=24)
    dead_letters_days: int = Field(7, ge=1, le=31)
    events_hours: int = Field(48, ge=25, le=168)
    """Numbers of events: a platform repeats an event for a day, so they must be kept longer."""
    inactive_months: int = Field(12, ge=1, le=36)
    notice_days: int = Field(30, ge=7, le=90)
    """So many days before the end, supporters who are silent are told that it comes."""
    inbox_days: int = Field(30, ge=1, le=90)
    """What is written to the team, after the last word of either side."""
    signatures_days: int = Field(31, ge=1, le=366)
    """Counted from the day on which a petition was delivered."""
    backups_days: int = Field(30, ge=1, le=30)
    """Supporters are told so; whoever runs the bot keeps to it (`backup --keep`)."""


class Reminders(Part):
    """When supporters are reminded of what they mean to do: hours in the campaign's time zone."""

    hour: int = Field(18, ge=0, le=23)
    quiet_from: int = Field(22, ge=0, le=23)
    quiet_until: int = Field(8, ge=0, le=23)
    too_late_hours: int = Field(24, ge=1, le=72)
    """A reminder that could not be sent for so long is dropped."""

    def is_quiet(self, hour: int) -> bool:
        """Whether nothing is sent unasked in that hour of the day."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= hour < self.quiet_until
        return hour >= self.quiet_from or hour < self.quiet_until

    @model_validator(mode="after")
    def _hour_is_not_quiet(self) -> Reminders:
        if self.is_quiet(self.hour):
            raise ValueError("hour lies in the quiet hours: choose one outside of them")
        return self


class BurstRule(Part):
    """From how many signatures of new accounts within so many minutes on further ones are held."""

    signatures: int = Field(200, ge=0)
    """0 switches the guard off."""
    minutes: int = Field(10, ge=1, le=1440)


class NetworkRule(Part):
    """How many signatures of browsers in one network (and behind one carrier's or school's address
    thousands may be) are counted before further ones are held."""

    an_hour: int = Field(20, ge=1)
    a_day: int = Field(60, ge=1)
