"""Every fault has its tests, and the page on them says the same as the table."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.faults.__main__ import REPORT
from tests.faults.report import Results, page, read, summary
from tests.faults.table import FAULTS

TESTS = Path(__file__).parent.parent


def test_every_test_that_the_table_names_is_there() -> None:
    there: dict[str, set[str]] = {}
    for fault in FAULTS:
        assert fault.tests, fault.what
        for name in fault.tests:
            file, _, test = name.partition("::")
            if file not in there:
                tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
                kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
                there[file] = {one.name for one in tree.body if isinstance(one, kinds)}
            assert test in there[file], f"{name}: renamed?"


def test_the_page_tells_of_every_fault() -> None:
    written = REPORT.read_text(encoding="utf-8")
    for line in page(FAULTS, Results()).splitlines():
        assert line in written, "run python -m tests.faults, which writes the page anew"


def test_what_failed_and_what_did_not_run_is_not_held(tmp_path: Path) -> None:
    file = tmp_path / "results.xml"
    fault = FAULTS[0]
    names = [name.partition("::") for name in fault.tests]
    module = "tests." + names[0][0].removesuffix(".py").replace("/", ".")

    def told(*cases: str) -> Results:
        file.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
        return read(file)

    def case(number: int, inside: str = "", parameter: str = "") -> str:
        name = names[number][2] + parameter
        return f'<testcase classname="{module}" name="{name}">{inside}</testcase>'

    assert told(case(0), case(1)).held(fault)
    assert not told(case(0)).held(fault)
    assert told(case(0)).held(fault, skipping=True)
    assert not told(case(0), case(1, "<skipped/>")).held(fault)
    failed = told(case(0, "<failure/>", "[a]"), case(0, "", "[b]"), case(1))
    assert not failed.held(fault, skipping=True)
    assert "NOT HELD" in summary([fault], failed)
    assert names[0][2] in summary([fault], failed)
    assert failed.failed == [fault.tests[0]]
    failed.add(told(case(0, "", "[a]"), case(0, "", "[b]")))
    assert failed.held(fault), "it passed by itself"
