"""Which channels there are, which are switched on, and what content is held against."""

from __future__ import annotations

from bot.channels import registered
from bot.channels.registered import REGISTERED, checked, services, writing_first
from bot.settings import Settings

OFF = Settings(_env_file=None)  # type: ignore[call-arg]
ON = OFF.model_copy(update=Settings(token="123456:ABC-DEF").model_dump(include={"token"}))  # type: ignore[arg-type]


def test_each_channel_has_a_name_of_its_own() -> None:
    assert len({one.name for one in REGISTERED}) == len(REGISTERED)


async def test_only_what_the_settings_switch_on_is_built() -> None:
    assert [one.channel.name for one in services(OFF)] == []
    assert [one.channel.name for one in services(ON)] == ["telegram"]


async def test_a_service_can_do_what_its_registration_says() -> None:
    said = {one.name: one.capabilities for one in REGISTERED}
    for one in services(ON):
        assert one.channel.capabilities == said[one.channel.name]


def test_content_written_without_a_token_is_held_against_telegram_all_the_same() -> None:
    assert checked(OFF) == checked(ON) == registered.ALL


def test_broadcasts_go_to_channels_that_write_first() -> None:
    assert [one.channel for one in writing_first(registered.ALL)] == ["telegram", "whatsapp"]
