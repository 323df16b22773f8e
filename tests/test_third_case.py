"""Staff add a case by editing content/ alone: a third one, in a copy, checked and walked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.program import ROOT, run

pytestmark = pytest.mark.slow

CASE = """
  nur:
    state: active
    name: Nur
    full_name: Nur Exemple
    chinese_name: 努尔
    told: "2024"
    petition: xinjiang
    story:
      - {id: who, act: letter, as_of: "2024", source: S0}
      - {id: change, act: sign, as_of: "2024", source: S0}
    actions:
      - {kind: letter, id: letter, minutes: 3, to: [president], paragraphs: [one]}
      - {kind: support, id: support, minutes: 5, send_to: [A, B], as_of: "2024", source: S0}
      - {kind: post, id: post, minutes: 1, hashtags: [Nur]}
"""


def texts(mark: str) -> dict[str, object]:
    """The texts of the case; the same shape in both languages."""
    return {
        "summary": f"{mark} Nur en une phrase.",
        "story": {
            "who": {"text": f"{mark} Qui est Nur.", "call": f"{mark} Écrivez."},
            "change": {"text": f"{mark} Ce qui peut changer.", "call": f"{mark} Signez."},
        },
        "action": {
            action: {"title": f"{mark} {action}", "about": f"{mark} à propos."}
            for action in ("letter", "support", "post")
        },
        "letter": {
            "subject": {"letter": f"{mark} objet"},
            "one": [f"{mark} première version.", f"{mark} seconde version."],
        },
        "support": {
            "words": [f"{mark} courage.{{% if town %}} De {{{{ town }}}}.{{% endif %}}"],
            "about": f"{mark} comment.",
            "safety": f"{mark} prudence.",
        },
        "post": [f"{mark} un message."],
        "share": f"{mark} à partager.",
        "name_card": f"{mark} nom.",
        "poster": f"{mark} affiche.",
        "status": {
            state: f"{mark} {state}." for state in ("paused", "released", "died", "stopwriting")
        },
    }


@pytest.fixture
def content(tmp_path: Path) -> Path:
    copy = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    cases = copy / "cases.yaml"
    cases.write_text(cases.read_text().replace("\nothers:", CASE + "\nothers:", 1))
    for language, mark in (("fr", "FR"), ("en", "EN")):
        file = copy / "messages" / language / "nur.yaml"
        file.write_text(yaml.safe_dump(texts(mark), allow_unicode=True))
    return copy


def test_a_third_case_is_content_alone(content: Path, data: Path) -> None:
    checked = run("check", data=data, BOT_CONTENT=str(content))
    assert checked.returncode == 0, checked.stdout

    said = "Suite\n/letter\nNon\nAlix\nLille\nC’est envoyé\n/support\n/cases\n"
    walked = run(
        "chat", "--case", "nur", "--language", "fr", data=data, said=said, BOT_CONTENT=str(content)
    )
    assert walked.returncode == 0, walked.stderr
    for seen in ("FR Qui est Nur.", "2/2", "FR Ce qui peut changer.", "Alix", "FR prudence."):
        assert seen in walked.stdout
    assert "version." in walked.stdout
    assert "Merci" in walked.stdout
    assert "FR Nur en une phrase." in walked.stdout


def test_a_missing_translation_of_it_is_named_with_its_file(content: Path, data: Path) -> None:
    (content / "messages" / "en" / "nur.yaml").unlink()
    checked = run("check", data=data, BOT_CONTENT=str(content))
    assert checked.returncode == 1
    assert "messages/en/nur.yaml:1:1: nur: no translation" in checked.stdout
