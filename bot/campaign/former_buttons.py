"""Buttons of earlier versions, which stand in chats for years, as they are called now.

Whoever renames a scene enters its old form here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FORMS: Sequence[tuple[str, str]] = (
    ("sap:(.+)", "staff.approvals:{}"),
    ("sbn", "staff.new"),
    ("sb:(.+)", "staff.show:{}"),
    ("sba:([^:]+):at", "staff.schedule:{}"),
    ("sba:([^:]+):word", "staff.return:{}"),
    ("sba:([^:]+):text:(.+)", "staff.text:{}:{}"),
    ("sba:([^:]+):(file|link|source|title)", "staff.{1}:{0}"),
    ("sbc:(.+):(cancel|discard|release|retract)", "staff.sure:{}:{}"),
    ("sbt:(.+)", "staff.test:{}"),
    ("sbl:(.+)", "staff.leads:{}"),
    ("sbw:(.+)", "staff.audience:{}"),
    ("sbo:(.+)", "staff.options:{}"),
    ("sbx:(.+)", "staff.lead:{}"),
    ("sby:(.+)", "staff.no_text:{}"),
    ("sbk:(.+)", "staff.which_case:{}"),
    ("sbd:([^:]+):attach:", "staff.no_file:{}"),
    ("sbd:([^:]+):schedule:", "staff.at_once:{}"),
    ("sbd:([^:]+):test:", "staff.send_test:{}"),
    ("sbd:([^:]+):test:(.+)", "staff.send_test:{}:{}"),
    ("sbd:([^:]+):aim:([^=]+)=(.*)", "staff.aim:{}:{}:{}"),
    ("sbd:([^:]+):switch:([^=]+)=(.+)", "staff.switch:{}:{}:{}"),
    ("sbd:([^:]+):(approve|unlead):(.+)", "staff.{1}:{0}:{2}"),
    (
        "sbd:([^:]+):(submit|pause|resume|cancel|discard|retract|correct|release):",
        "staff.{1}:{0}",
    ),
    ("sbd:([^:]+):(preview|count|report):", "staff.{1}:{0}"),
    ("su", "staff.banner"),
    ("sup:(.+)", "staff.banner_text:{}"),
    ("sux:(.+)", "staff.banner_less:{}"),
    ("svp:banner:", "staff.banner_away"),
    ("svp:case[.]([^:]+):(.*)", "staff.state:{}:{}"),
    ("svc:(.+)", "staff.accept:{}"),
    ("svr:(.+)", "staff.refuse:{}"),
    ("sc", "staff.cases"),
    ("scs:(.+)", "staff.case:{}"),
)
"""What they carried, and the same of this version."""

_OLD = frozenset(form.partition(":")[0] for form, _ in _FORMS)


def renamed(data: str) -> str:
    """The same button of this version; what no earlier version knew stays as it is."""
    if data.partition(":")[0] not in _OLD:
        return data
    for form, today in _FORMS:
        found = re.fullmatch(form, data)
        if found:
            return today.format(*found.groups())
    return data
