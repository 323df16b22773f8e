"""What only the bot's account may read is made so at the start, and it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from bot.cli import rights
from bot.settings import Settings
from tests.program import run

OPEN = 0o644


@pytest.mark.slow
def test_open_settings_data_and_database_are_closed_and_it_is_said(data: Path) -> None:
    assert run("chat", data=data, said="/help\n").returncode == 0
    (data / ".env").write_text("BOT_RATE=7\n")
    private = [data / ".env", data, *data.glob("campaign.sqlite3*")]
    for path in private:
        path.chmod(0o755 if path.is_dir() else OPEN)
    again = run("chat", data=data, said="/help\n")
    assert again.returncode == 0
    # A log that was left by the first one is gone with the second.
    for path in filter(Path.exists, private):
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.name in again.stderr
    assert "rights_tightened" in again.stderr
    assert "rights_tightened" not in run("chat", data=data, said="/help\n").stderr


def test_where_it_cannot_be_done_the_start_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    # As on a file system without rights, or where another account owns it.
    monkeypatch.setattr(Path, "chmod", lambda path, mode: None)
    with pytest.raises(typer.Exit) as ended:
        rights.tighten(Settings(_env_file=None, data_dir=data))  # type: ignore[call-arg]
    assert ended.value.exit_code == 3
    said = capsys.readouterr().err
    assert f"chmod go= {data}" in said
