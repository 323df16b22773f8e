"""A petition that was handed over for signatures of a single territory is a petition, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.content_builder import build_content


@pytest.mark.slow
def test_one_signature_of_one_territory_is_enough_and_none_is_not(tmp_path: Path) -> None:
    content = build_content(tmp_path / "content")
    before = content.report()
    content.change("cases.yaml", "territories: 12", "territories: 1")
    assert content.report() == before
    content.change("cases.yaml", "territories: 1,", "territories: 0,")
    assert len(content.report()) == len(before) + 1
