"""The real program under each flood: everybody else is answered, and the log stays small.

How quickly they are answered is shown by ``benchmarks/floods.py``; here a bound only keeps from
hanging.
"""

from __future__ import annotations

import pytest

from benchmarks.floods import KINDS, measure


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_a_flood_loses_nothing_of_what_others_do(kind: str) -> None:
    found = await measure(kind, 6)
    assert found.lost == []
    assert found.telegram
    assert found.page
    assert found.asked > 0
    assert found.log < 20_000
