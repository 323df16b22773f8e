"""Settings: documented all, wrong ones named, secrets kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import PREFIX, Role, Settings, SettingsTrouble, load

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_example_names_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^(BOT_\w+)=", example, re.MULTILINE))
    assert named == {PREFIX + name.upper() for name in Settings.model_fields}


def test_the_example_is_valid_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text())
    assert load() == Settings()


def test_staff_are_numbers_with_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_STAFF", "111=owner, 222=editor")
    assert load().staff == {111: Role.OWNER, 222: Role.EDITOR}


@pytest.mark.parametrize("staff", ["owner", "111", "abc=owner", "111=king", "111:owner"])
def test_staff_written_otherwise_are_refused_with_the_way_to_write_it(
    staff: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_STAFF", staff)
    with pytest.raises(SettingsTrouble, match="111=owner,222=editor"):
        load()


def test_a_secret_does_not_show_in_the_settings_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:very-secret-indeed")
    assert "very-secret" not in repr(load())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(Exception, match="frozen"):
        Settings().rate = 5.0
