"""Keys: what they make stays the same, what they seal stays closed, what is wrong is said."""

from __future__ import annotations

import base64
import secrets
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.keys import (
    PSEUDONYM_SIZE,
    KeyDestroyed,
    Keys,
    KeysMissing,
    KeyTrouble,
    KeyUnreadable,
    SealBroken,
)

PURPOSE = b"test.purpose"


def new(directory: Path, text: str | None = None) -> Keys:
    return Keys.open(directory, text, database_exists=False)


def again(directory: Path, text: str | None = None) -> Keys:
    return Keys.open(directory, text, database_exists=True)


def key_text() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_the_first_start_makes_keys_that_nobody_else_can_read(directory: Path) -> None:
    new(directory).petition_pseudonym("xinjiang", "telegram", "1")
    assert directory.stat().st_mode & 0o777 == 0o700
    files = list(directory.iterdir())
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_supporter_has_the_same_pseudonym_after_a_restart(directory: Path) -> None:
    before = new(directory)
    after = again(directory)
    assert before.pseudonym("telegram", "123") == after.pseudonym("telegram", "123")
    assert before.petition_pseudonym("xinjiang", "telegram", "123") == after.petition_pseudonym(
        "xinjiang", "telegram", "123"
    )


def test_pseudonyms_differ_by_person_channel_petition_and_key(tmp_path: Path) -> None:
    keys, others = new(tmp_path / "a"), new(tmp_path / "b")
    made = [
        keys.pseudonym("telegram", "123"),
        keys.pseudonym("telegram", "124"),
        keys.pseudonym("web", "123"),
        keys.petition_pseudonym("xinjiang", "telegram", "123"),
        keys.petition_pseudonym("other", "telegram", "123"),
        others.pseudonym("telegram", "123"),
        others.petition_pseudonym("xinjiang", "telegram", "123"),
    ]
    assert len(set(made)) == len(made)
    assert {len(pseudonym) for pseudonym in made} == {PSEUDONYM_SIZE}


@settings(deadline=None)
@given(plain=st.binary(max_size=2000))
def test_whatever_is_sealed_opens_again(
    plain: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = new(tmp_path_factory.mktemp("keys"))
    sealed = keys.seal(plain, PURPOSE)
    assert keys.unseal(sealed, PURPOSE) == plain
    assert len(plain) < 4 or plain not in sealed


def test_the_same_text_sealed_twice_looks_different(directory: Path) -> None:
    keys = new(directory)
    assert keys.seal(b"same", PURPOSE) != keys.seal(b"same", PURPOSE)


def test_a_seal_is_bound_to_its_purpose_and_to_every_byte(directory: Path) -> None:
    keys = new(directory)
    sealed = keys.seal(b"an address", PURPOSE)
    with pytest.raises(SealBroken):
        keys.unseal(sealed, b"other.purpose")
    for place in range(1, len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealBroken):
            keys.unseal(bytes(altered), PURPOSE)
    with pytest.raises(SealBroken):
        keys.unseal(sealed[:5], PURPOSE)


def test_a_new_key_seals_and_the_old_one_goes_on_opening(directory: Path) -> None:
    keys = new(directory)
    old = keys.seal(b"old", PURPOSE)
    assert keys.add_sealing_key() == 2
    fresh = keys.seal(b"new", PURPOSE)
    assert (keys.is_newest(old), keys.is_newest(fresh)) == (False, True)
    for opened in (keys, again(directory)):
        assert opened.unseal(old, PURPOSE) == b"old"
        assert opened.unseal(fresh, PURPOSE) == b"new"
        assert opened.is_newest(opened.seal(b"x", PURPOSE))
    assert keys.pseudonym("telegram", "1") == again(directory).pseudonym("telegram", "1")


def test_a_seal_whose_key_is_gone_says_which_file_to_bring_back(directory: Path) -> None:
    keys = new(directory)
    keys.add_sealing_key()
    sealed = keys.seal(b"x", PURPOSE)
    (directory / "sealing-002.key").unlink()
    with pytest.raises(KeysMissing, match=r"sealing-002\.key.*backup"):
        again(directory).unseal(sealed, PURPOSE)


def test_after_a_petition_key_is_destroyed_nobody_can_tell_who_signed(directory: Path) -> None:
    keys = new(directory)
    signed = keys.petition_pseudonym("xinjiang", "telegram", "1")
    keys.destroy_petition_key("xinjiang", date(2026, 3, 4))
    keys.destroy_petition_key("xinjiang", date(2026, 3, 4))
    for opened in (keys, again(directory)):
        assert not opened.has_petition_key("xinjiang")
        assert opened.petitions() == []
        assert opened.marks(["xinjiang"]).keys() == {"pseudonyms", "bound", "sealing-001"}
        with pytest.raises(KeyDestroyed):
            opened.petition_pseudonym("xinjiang", "telegram", "1")
    (directory / "petition-xinjiang.destroyed").unlink()
    assert again(directory).petition_pseudonym("xinjiang", "telegram", "1") != signed


def test_petitions_with_a_key_are_known_after_they_left_the_content(directory: Path) -> None:
    keys = new(directory)
    keys.petition_pseudonym("xinjiang", "telegram", "1")
    assert keys.petitions() == again(directory).petitions() == ["xinjiang"]


@pytest.mark.parametrize("wrong", ["../outside", "", "UPPER", "a" * 21, "a/b"])
def test_a_petition_id_never_becomes_a_path(directory: Path, wrong: str) -> None:
    with pytest.raises(ValueError, match="petition"):
        new(directory).petition_pseudonym(wrong, "telegram", "1")


def test_a_database_without_its_keys_is_not_given_new_ones(directory: Path) -> None:
    with pytest.raises(KeysMissing, match="backup"):
        again(directory)
    new(directory)
    (directory / "pseudonyms.key").unlink()
    with pytest.raises(KeysMissing, match="backup"):
        again(directory)
    assert not (directory / "pseudonyms.key").exists()


def test_a_first_start_that_was_cut_off_is_finished_by_the_next(directory: Path) -> None:
    new(directory)
    (directory / "pseudonyms.key").unlink()
    new(directory)
    assert (directory / "pseudonyms.key").exists()


@pytest.mark.parametrize("name", ["pseudonyms.key", "sealing-001.key"])
def test_a_key_cut_short_is_refused(directory: Path, name: str) -> None:
    new(directory)
    (directory / name).write_bytes(b"short")
    with pytest.raises(KeyUnreadable, match=r"5 bytes instead of 32.*backup"):
        again(directory)


def test_keys_that_others_can_read_are_refused_with_the_remedy(directory: Path) -> None:
    new(directory)
    (directory / "sealing-001.key").chmod(0o640)
    with pytest.raises(KeyUnreadable, match=r"chmod 600 .*sealing-001\.key"):
        again(directory)
    (directory / "sealing-001.key").chmod(0o600)
    directory.chmod(0o755)
    with pytest.raises(KeyUnreadable, match="chmod 700"):
        again(directory)


def test_a_key_that_is_no_file_is_a_sentence_not_a_crash(directory: Path) -> None:
    new(directory)
    (directory / "sealing-001.key").unlink()
    (directory / "sealing-001.key").mkdir(mode=0o700)
    with pytest.raises(KeyUnreadable, match="cannot be read"):
        again(directory)


def test_a_directory_that_cannot_be_made_is_a_sentence_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyUnreadable, match="cannot be used"):
        new(tmp_path / "file" / "keys")


def test_keys_from_the_environment_leave_no_secret_on_the_disk(directory: Path) -> None:
    text = key_text()
    keys = new(directory, text)
    sealed = keys.seal(b"x", PURPOSE)
    assert list(directory.iterdir()) == []
    reopened = again(directory, text)
    assert reopened.unseal(sealed, PURPOSE) == b"x"
    assert reopened.pseudonym("telegram", "1") == keys.pseudonym("telegram", "1")


def test_a_key_added_in_the_environment_seals_and_the_first_still_opens(directory: Path) -> None:
    first, second = key_text(), key_text()
    old = new(directory, first).seal(b"x", PURPOSE)
    both = again(directory, f"{first}, {second}")
    assert both.unseal(old, PURPOSE) == b"x"
    assert not both.is_newest(old)
    assert both.pseudonym("telegram", "1") == new(directory, first).pseudonym("telegram", "1")
    with pytest.raises(KeyTrouble, match="comma"):
        both.add_sealing_key()


def test_a_petition_key_can_be_destroyed_although_the_root_is_in_the_environment(
    directory: Path,
) -> None:
    text = key_text()
    signed = new(directory, text).petition_pseudonym("xinjiang", "telegram", "1")
    again(directory, text).destroy_petition_key("xinjiang", date(2026, 3, 4))
    (directory / "petition-xinjiang.destroyed").unlink()
    assert again(directory, text).petition_pseudonym("xinjiang", "telegram", "1") != signed


@pytest.mark.parametrize("wrong", ["secret-not-base64!", "c2hvcnQ=", "QUJD" * 8 + ","])
def test_a_wrong_key_in_the_environment_is_explained_and_not_shown(
    directory: Path, wrong: str
) -> None:
    with pytest.raises(KeyUnreadable, match="openssl rand -base64 32") as told:
        new(directory, wrong)
    assert wrong not in str(told.value)


def test_marks_tell_keys_apart_and_nothing_else(tmp_path: Path) -> None:
    one, other = new(tmp_path / "a"), new(tmp_path / "b")
    marks = one.marks(["xinjiang"])
    assert marks == again(tmp_path / "a").marks(["xinjiang"])
    assert not set(marks.values()) & set(other.marks(["xinjiang"]).values())
    kept = b"".join(file.read_bytes() for file in (tmp_path / "a").iterdir())
    assert not any(mark in kept for mark in marks.values())
