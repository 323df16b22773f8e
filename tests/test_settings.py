"""Settings: documented all, wrong ones named, secrets kept."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.campaign.staff import Appointed, Place, Role
from bot.settings import PREFIX, Settings, SettingsTrouble, load

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
    monkeypatch.setenv("BOT_STAFF", "111=owner, 222=editor:Anna")
    assert load().staff == (
        Appointed(Role.OWNER, (Place("telegram", "111", "111"),)),
        Appointed(Role.EDITOR, (Place("telegram", "222", "222"),), "Anna"),
    )


def test_staff_are_people_with_addresses_on_several_channels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOT_STAFF", "telegram:111+web:a-B_9=owner:Anna,web:key=editor")
    anna, other = load().staff
    assert [(place.channel, place.address) for place in anna.places] == [
        ("telegram", "111"),
        ("web", "a-B_9"),
    ]
    assert (anna.places[0].shown, other.places[0].shown) == ("111", "web")
    assert "a-B_9" not in repr(load())


def test_an_address_belongs_to_one_member_of_the_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_STAFF", "111=owner,telegram:111=editor")
    with pytest.raises(SettingsTrouble, match="stands there twice"):
        load()


@pytest.mark.parametrize(
    "staff", ["owner", "111", "abc=owner", "111=king", "111:owner", "web:=owner", "111+=owner"]
)
def test_staff_written_otherwise_are_refused_with_the_way_to_write_it(
    staff: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_STAFF", staff)
    with pytest.raises(SettingsTrouble, match="111=owner,222=editor"):
        load()


def test_a_secret_does_not_show_in_the_settings_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:very-secret-indeed")
    assert "very-secret" not in repr(load())


def test_a_typing_error_in_the_env_file_is_found(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BOT_TOKN=x\n")
    with pytest.raises(SettingsTrouble, match="did you mean BOT_TOKEN"):
        load()


def test_an_env_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BOT_RATE=\xff\xfe")
    with pytest.raises(SettingsTrouble, match="UTF-8"):
        load()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('BOT_RATE=3\n\n# the token\nBOT_TOKEN="123456:secret\nBOT_PORT=1\n', 4, "quote"),
        ("BOT_TOKEN='123456:secret\nBOT_HOST='::1'\n", 1, "quote"),
        ('BOT_TOKEN="123456:secret\nBOT_HOST=::1"\n', 1, "quote"),
        ('BOT_RATE="3" 4\n', 1, "behind"),
        ("BOT_TOKEN\n", 1, "no ="),
        ("BOT_TOKEN: 123456:secret\n", 1, "no ="),
        ("BOT RATE=3\n", 1, "NAME=value"),
        ("=secret\n", 1, "NAME=value"),
    ],
)
def test_a_line_of_the_env_file_that_cannot_be_read_is_named_and_not_shown(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    (tmp_path / ".env").write_text(text)
    with pytest.raises(SettingsTrouble, match=rf"\.env, line {line}: .*{said}") as told:
        load()
    assert "secret" not in str(told.value)


def test_what_an_env_file_may_hold_is_left_in_peace(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "\ufeffBOT_RATE=7\n\n# Don't forget \"\n  export BOT_PORT = 81 # the page's\n"
        "BOT_HOST='::1'\nOTHER=it's\nBOT_STAFF=\n"
    )
    assert (load().rate, load().port, load().host) == (7, 81, "::1")


def test_an_env_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BOT_RATE=7\n")
    (tmp_path / ".env").chmod(0)
    tmp_path.chmod(0o755)
    with without_roots_rights(), pytest.raises(SettingsTrouble, match=r"\.env: cannot be read"):
        load()
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsTrouble, match=r"\.env: cannot be read"):
        load()


@contextmanager
def without_roots_rights() -> Iterator[None]:
    """Root may read everything: as another account for a moment."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.mark.parametrize("url", ["http://", "http://[::1", "telegram", "ftp://example.org"])
def test_an_address_without_a_host_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_API_URL", url)
    with pytest.raises(SettingsTrouble, match="BOT_API_URL: an address must look like"):
        load()


def test_a_public_address_that_telegram_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_PUBLIC_URL", "http://localhost:8080")
    load()
    monkeypatch.setenv("BOT_TOKEN", "123456:ABC-DEF")
    with pytest.raises(SettingsTrouble, match="BOT_PUBLIC_URL: Telegram takes no link"):
        load()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(Exception, match="frozen"):
        Settings().rate = 5.0
