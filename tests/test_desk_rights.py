"""Every page of the staff, every method, every role: nobody gets anywhere without the right."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import Route

from bot.campaign.staff import RIGHTS, Role
from bot.desk.access import DeskAccess
from bot.web.desk.pages import PAGES, routes
from bot.web.desk.room import DeskRoom
from tests.desk_pages import Colleague, colleague, desk

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
INSIDE = [page for page in PAGES if page.rights]


def path_of(path: str) -> str:
    """The path with something in its gaps."""
    for gap, value in {"{token}": "x", "{number}": "1", "{what}": "pause"}.items():
        path = path.replace(gap, value)
    assert "{" not in path
    return path


async def ask(who: Colleague, method: str, path: str, **fields: str) -> int:
    origin = {"Origin": who.page.origin}
    answer = await who.client.request(method, path_of(path), data=fields, headers=origin)
    return answer.status_code


def test_there_are_no_pages_but_those_of_the_table() -> None:
    room = DeskRoom(None, None, {})  # type: ignore[arg-type]
    made = [one for one in routes(room) if isinstance(one, Route)]
    assert [(one.path, "POST" in (one.methods or ())) for one in made] == [
        (page.path, page.method == "POST") for page in PAGES
    ]
    assert all(page.path.startswith("/staff") for page in PAGES)
    assert isinstance(DeskAccess.__doc__, str)


async def test_nobody_gets_anywhere_on_every_path_and_method(data: Path) -> None:
    async with desk(data) as page, colleague(page) as nobody:
        nobody.client.cookies.set("desk", "made-up", domain="127.0.0.1")
        for one in INSIDE:
            for method in METHODS:
                answered = await ask(nobody, method, one.path)
                right = {"GET": 303, "HEAD": 303, "POST": 403}
                if method not in ("GET", "HEAD", "POST"):
                    assert answered == 405, one.path
                elif (method == "POST") == (one.method == "POST"):
                    assert answered == right[method], (method, one.path)
                else:
                    assert answered in (303, 403, 405), (method, one.path)
        found = await nobody.get("/staff", follow="")
        assert found.headers["location"].endswith("sign-in")


async def test_each_role_comes_to_what_its_rights_open_and_to_nothing_else(data: Path) -> None:
    async with desk(data) as page:
        for role in Role:
            async with colleague(page, role.value) as one:
                for known in INSIDE:
                    if known.path == "/staff/sign-out":
                        continue
                    answered = await ask(one, known.method, known.path, proof="")
                    may = bool(RIGHTS[role] & set(known.rights))
                    if known.method == "POST":
                        assert answered == 403, (role, known.path)
                    elif may:
                        assert answered in (200, 404), (role, known.path)
                    else:
                        assert answered == 403, (role, known.path)


async def test_a_form_that_another_page_sends_does_nothing(data: Path) -> None:
    async with desk(data) as page, colleague(page, "owner") as anna:
        for known in INSIDE:
            if known.method == "POST":
                for proof in ("", "0" * 32):
                    answer = await anna.client.post(
                        path_of(known.path), data={"proof": proof}, headers={"Origin": page.origin}
                    )
                    assert answer.status_code == 403, known.path
                    assert "nothing was done" in answer.text or "rien n’a été fait" in answer.text
        elsewhere = {"Origin": "https://example.org"}
        answer = await anna.client.post("/staff/sign-out", data={}, headers=elsewhere)
        assert answer.status_code == 403
        assert (await anna.get("/staff")).status_code == 200
