"""How long the way is on the chat page: taps, scrolls and pixels, as a thumb meets them."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.async_api import Locator
from playwright.async_api import Page as Tab

from tests.chromium import until

BELOW = """
element => {
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const hit = y >= 0 && y < innerHeight ? document.elementFromPoint(x, y) : null;
  if (hit && (hit === element || element.contains(hit))) return 0;
  return Math.ceil(Math.max(1, box.bottom - innerHeight));
}
"""
"""Pixels by which it is out of sight, or behind something; 0 where a thumb can press it."""


@dataclass
class Walk:
    """Somebody with one thumb. ``below``: pixels that what was pressed stood out of sight."""

    tab: Tab
    taps: int = 0
    scrolls: int = 0
    below: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)

    async def press(self, target: Locator) -> None:
        """Press it as soon as it is there, after as many scrolls as it takes to see it."""
        await target.wait_for(state="attached")
        while out := await target.evaluate(BELOW):
            self.below = max(self.below, out)
            self.scrolls += 1
            before = await self.tab.evaluate("scrollY")
            await self.tab.evaluate("scrollBy({top: innerHeight * 0.8, behavior: 'instant'})")
            if await self.tab.evaluate("scrollY") == before:
                await target.scroll_into_view_if_needed()
        box = await target.bounding_box()
        assert box is not None
        self.places.append((round(box["x"] + box["width"]), round(box["y"] + box["height"])))
        self.taps += 1
        await target.click()

    async def press_on(self, chosen: str) -> None:
        """Press a button of the screen that is shown, by what its data begin with; its answer is
        awaited."""
        before = await self.tab.evaluate("document.querySelector('.now .sheet')?.textContent")
        await self.press(self.tab.locator(".now").locator(f"[data-choice^='{chosen}']").first)
        await until(
            self.tab,
            f"document.querySelector('.now .sheet')?.textContent !== {before!r}"
            " && !document.querySelector('.now .waiting')",
        )

    def row(self, name: str, goal: str) -> str:
        """A line of the table."""
        return f"| {name} | {self.taps} taps, {self.scrolls} scrolls, {self.below} px | {goal} |"
