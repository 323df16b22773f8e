"""Keys and values become text: escaped for each channel, set as its language sets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.campaign import letters
from bot.campaign.content import Campaign
from bot.campaign.messages import Choice, Copy, Link, Markup, Message, words
from bot.wording import MissingText, Wording, WordingError
from bot.wording.formats import Formats
from tests.content_builder import build_content

HOSTILE = '<b onclick="x()">&amp; **bold** [x](javascript:alert(1)) {{ org }} {% raw %}\' `code`'
MARKUPS: tuple[Markup, ...] = ("html", "web", "plain")


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return build_content(tmp_path_factory.mktemp("wording") / "content").loaded()[0]


@pytest.fixture
def wording(campaign: Campaign):
    """Makes a wording of these texts."""

    def made(fr: dict[str, str] | None = None, en: dict[str, str] | None = None) -> Wording:
        return Wording(campaign, {"fr": fr or {}, "en": en or {}})

    return made


def shown(html: str) -> str:
    """What a reader sees of markup that holds no tag."""
    assert "<" not in html
    return unescape(html)


# Markup


def test_light_markup_becomes_the_markup_of_each_channel(wording) -> None:
    texts = wording({}, {"t": "**A** *b* `c` [d](https://e.org/?f=1&g=2) <h> & \\*i\\*"})
    assert texts.text(words("t"), "en", "html") == (
        '<b>A</b> <i>b</i> <code>c</code> <a href="https://e.org/?f=1&amp;g=2">d</a>'
        " &lt;h&gt; &amp; *i*"
    )
    assert texts.text(words("t"), "en", "web") == (
        "<strong>A</strong> <em>b</em> <code>c</code> "
        '<a href="https://e.org/?f=1&amp;g=2" target="_blank" rel="noopener noreferrer">d</a>'
        " &lt;h&gt; &amp; *i*"
    )
    plain = "A b c d (https://e.org/?f=1&g=2) <h> & *i*"
    assert texts.text(words("t"), "en", "plain") == plain


def test_line_breaks_stay_as_they_are_written(wording) -> None:
    texts = wording({}, {"t": "one\ntwo  \n\n- three **x**\n  four\n"})
    assert texts.text(words("t"), "en", "plain") == "one\ntwo\n\n- three x\nfour"


def test_underscores_and_html_are_no_markup(wording) -> None:
    texts = wording({}, {"t": "_a_ snake_case #x_y <b>no</b> &amp; ![p](https://q.org) **z**"})
    assert texts.text(words("t"), "en", "plain").startswith("_a_ snake_case #x_y <b>no</b> &amp; ")


def test_a_link_that_is_its_own_label_is_written_once(wording) -> None:
    texts = wording({}, {"t": "[https://a.org](https://a.org)"})
    assert texts.text(words("t"), "en", "plain") == "https://a.org"


def test_a_line_of_conditions_leaves_no_empty_line(wording) -> None:
    source = "a\n{% if x %}\nb\n{% endif %}\nc{% if x %}, d{% endif %}\ne"
    texts = wording({}, {"t": source})
    assert texts.text(words("t", x=1), "en", "plain") == "a\nb\nc, d\ne"
    assert texts.text(words("t", x=0), "en", "plain") == "a\nc\ne"


def test_a_line_behind_conditions_may_begin_and_end_with_markup(wording) -> None:
    source = "*« a »*\n{% if x %}\n**« b »**\n{% endif %}\n*« c » d.*"
    texts = wording({}, {"t": source})
    assert texts.text(words("t", x=1), "en", "html") == (
        "<i>« a »</i>\n<b>« b »</b>\n<i>« c » d.</i>"
    )
    assert texts.text(words("t", x=0), "en", "plain") == "« a »\n« c » d."


def test_braces_that_are_no_placeholder_stay(wording) -> None:
    texts = wording({}, {"t": "{ {{ n }} } {x} } {", "static": "{ } {x}"})
    assert texts.text(words("t", n=1), "en", "plain") == "{ 1 } {x} } {"
    assert texts.text(words("static"), "en", "html") == "{ } {x}"


# Escaping


@pytest.mark.parametrize("markup", ["html", "web"])
def test_a_typed_value_is_never_markup_wherever_it_stands(wording, markup: Markup) -> None:
    spots = {
        "bare": "{{ v }}",
        "bold": "**{{ v }}**",
        "code": "`{{ v }}`",
        "label": "[{{ v }}](https://a.org)",
        "address": "[a](https://a.org/{{ v }})",
        "filtered": "{{ v|upper|lower }}",
        "joined": '{{ [v, v]|join(", ") }}',
        "condition": "{% if v %}{{ v }}{% endif %}",
        "concatenated": '{{ v ~ "!" }}',
    }
    texts = wording({}, spots)
    for key in spots:
        html = texts.text(words(key, v=HOSTILE), "en", markup)
        assert "<b onclick" not in html, key
        assert "javascript:alert(1)]" not in html
        assert html.count("<a ") == (1 if key in ("label", "address") else 0), key
        assert '"x()"' not in html, key


@given(value=st.text(st.characters(exclude_characters="\n"), max_size=60))
def test_every_value_can_be_read_back_from_the_html(campaign: Campaign, value: str) -> None:
    texts = Wording(campaign, {"fr": {"t": "x{{ v }}x"}})
    for markup in ("html", "web"):
        assert shown(texts.text(words("t", v=value), "fr", markup)) == f"x{value}x"
    assert texts.text(words("t", v=value), "fr", "plain") == f"x{value}x"


def test_a_value_that_looks_like_a_template_is_not_run(wording) -> None:
    texts = wording({}, {"t": "{{ v }}", "outer": "{{ inner }}"})
    inner = words("t", v="{{ 7 * 7 }}")
    assert texts.text(words("outer", inner=inner), "en", "plain") == "{{ 7 * 7 }}"


def test_nested_words_are_rendered_once_and_escaped_once(wording) -> None:
    texts = wording({}, {"t": "**{{ v }}**", "outer": "*{{ inner }}*: {{ v }}"})
    message = words("outer", inner=words("t", v="<&>"), v="<&>")
    assert texts.text(message, "en", "html") == "<i><b>&lt;&amp;&gt;</b></i>: &lt;&amp;&gt;"
    assert texts.text(message, "en", "plain") == "<&>: <&>"


def test_several_words_can_be_looped_over_joined_or_printed(wording) -> None:
    texts = wording(
        {},
        {
            "one": "**{{ v }}**",
            "printed": "{{ many }}",
            "joined": '{{ many|join(" · ") }}',
            "looped": "{% for one in many %}\n- {{ one }}\n{% endfor %}",
        },
    )
    many = (words("one", v="<a>"), words("one", v="b"))
    a, b = "<b>&lt;a&gt;</b>", "<b>b</b>"
    assert texts.text(words("printed", many=many), "en", "html") == f"{a}\n{b}"
    assert texts.text(words("joined", many=many), "en", "html") == f"{a} · {b}"
    assert texts.text(words("looped", many=many), "en", "html") == f"- {a}\n- {b}"
    assert texts.text(words("printed", many=many), "en", "plain") == "<a>\nb"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.org/x", "https://a.org/x"),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        (" https://a.org", ""),
    ],
)
def test_a_link_to_a_value_leads_only_to_the_web(wording, address: str, kept: str) -> None:
    texts = wording({}, {"t": "[x]({{ url }})"})
    assert f'href="{kept}"' in texts.text(words("t", url=address), "en", "html")


def test_the_sandbox_lets_no_template_out(wording) -> None:
    texts = wording({}, {"t": "{{ v.__class__.__mro__ }}", "u": "{{ org.address.append(1) }}"})
    for key in ("t", "u"):
        with pytest.raises(WordingError):
            texts.strictly(words(key, v="x"), "en", "plain")


# Languages


def test_french_gets_its_spaces_and_apostrophes(wording) -> None:
    texts = wording({"t": "L'été : « *oui* » ! Qui ? Non ; 66 % de 15 € [l'x](https://a.b/?c ' :)"})
    assert texts.text(words("t"), "fr", "plain").startswith(
        "L’été\u00a0: «\u202foui\u202f»\u202f! Qui\u202f? Non\u202f; 66\u00a0% de 15\u00a0€"
    )


def test_french_spaces_leave_values_code_and_addresses_alone(wording) -> None:
    texts = wording({"t": "{{ v }} : `a : b` https://a.org/?x=l'y !"})
    said = texts.text(words("t", v="l'a : b !"), "fr", "plain")
    assert said == "l'a : b !\u00a0: a : b https://a.org/?x=l'y\u202f!"


def test_english_is_left_as_it_is(wording) -> None:
    texts = wording({}, {"t": "It's : « x » !"})
    assert texts.text(words("t"), "en", "plain") == "It's : « x » !"


@pytest.mark.parametrize(
    ("source", "value", "french", "english"),
    [
        ("{{ v|number }}", 323832, "323\u202f832", "323,832"),
        ("{{ v|money }}", 5.1, "5,10\u00a0€", "€5.10"),
        ("{{ v|money }}", 15, "15\u00a0€", "€15"),
        ("{{ v|money }}", 1234.5, "1\u202f234,50\u00a0€", "€1,234.50"),
        ("{{ v|percent }}", 66, "66\u00a0%", "66%"),
        ("{{ v|day }}", date(2021, 10, 7), "7 octobre 2021", "7 October 2021"),
        ("{{ v|day }}", "2021-10-01", "1er octobre 2021", "1 October 2021"),
        ("{{ v|day }}", "2021-10", "octobre 2021", "October 2021"),
        ("{{ v|day }}", "2021", "2021", "2021"),
        ('{{ plural(v, one="un", other="x") }}', 0, "un", "x"),
        ('{{ plural(v, one="un", other="x") }}', 1, "un", "un"),
        ('{{ plural(v, one="un", other="x") }}', 1_000_000, "x", "x"),
        ('{{ v|plural(zero="rien", one="un", other="x") }}', 0, "rien", "rien"),
    ],
)
def test_numbers_sums_and_days_are_said_in_the_language(
    wording, source: str, value: object, french: str, english: str
) -> None:
    texts = wording({"t": source}, {"t": source})
    assert texts.text(words("t", v=value), "fr", "plain") == french
    assert texts.text(words("t", v=value), "en", "plain") == english


def test_words_can_ask_for_another_language_than_the_conversations(wording) -> None:
    texts = wording({"t": "oui", "o": "{{ w }}"}, {"t": "yes", "o": "{{ w }}"})
    english = words("t").in_language("en")
    assert texts.text(words("o", w=english), "fr", "plain") == "yes"


def test_the_organisation_is_known_to_every_text(wording) -> None:
    texts = wording({}, {"t": "{{ org }}|{{ org.address }}|{{ org.email }}|{{ org.website }}"})
    said = "Organisation &amp; amis|1, rue du Test\n75000 Paris||https://organisation.example/"
    assert texts.text(words("t"), "en", "html") == said


# What is missing


def test_a_missing_text_is_said_in_the_first_language_and_logged(wording) -> None:
    texts = wording({"t": "oui {{ v }}"}, {})
    with structlog.testing.capture_logs() as logs:
        assert texts.text(words("t", v="Secret Name"), "en", "plain") == "oui Secret Name"
    assert [(line["key"], line["language"]) for line in logs] == [("t", "en")]
    assert "Secret Name" not in str(logs)


def test_a_text_missing_everywhere_never_stops_the_bot(wording) -> None:
    texts = wording()
    with structlog.testing.capture_logs():
        assert texts.text(words("nowhere"), "en", "html") == "…"
        assert texts.render(Message(words("nowhere")), "xx", "plain").text == "…"


@pytest.mark.parametrize("source", ["{{ gone }}", "{{ v|number }}", "{{ v|day }}", "{% if %}"])
def test_a_text_that_cannot_be_filled_falls_back_without_telling_the_value(
    wording, source: str
) -> None:
    texts = wording({"t": "bon"}, {"t": source})
    with structlog.testing.capture_logs() as logs:
        assert texts.text(words("t", v="Secret Name"), "en", "plain") == "bon"
    assert logs
    assert "Secret Name" not in str(logs)


def test_strictly_nothing_is_made_up(wording) -> None:
    texts = wording({"t": "oui"}, {"o": "{{ w }}"})
    with pytest.raises(MissingText) as raised:
        texts.strictly(words("o", w=words("t")), "en", "plain")
    assert (raised.value.key, raised.value.language) == ("t", "en")


def test_nothing_typed_is_remembered(wording) -> None:
    texts = wording({}, {"t": "{{ v }}", "o": "{{ w }}"})
    texts.text(words("o", w=words("t", v="Canary Petra")), "en", "html")
    texts.text(words("t", v="Ana Exemple"), "en", "html")
    assert texts._remembered.cache_info().currsize == 1


# Messages


def test_a_message_is_rendered_with_banner_block_and_buttons(wording) -> None:
    texts = wording(
        {},
        {
            "text": "**Hi** {{ v }}",
            "banner": "*Urgent*",
            "piece": "**one** <{{ v }}>",
            "label": "**Go** & {{ v }}",
            "tweet": "Free & <{{ v }}>, now",
        },
    )
    message = Message(
        words("text", v="<x>"),
        block=(words("piece", v="1"), words("piece", v="2")),
        buttons=(
            (Choice(words("label", v="a"), "menu"), Copy(words("label", v="b"), "<c>")),
            (
                Link(
                    words("label", v="d"),
                    "https://x.org/post",
                    (("text", words("tweet", v="é")), ("tags", "a,b")),
                ),
            ),
        ),
        in_place=True,
        banner=words("banner"),
    )
    rendered = texts.render(message, "en", "html", replaces="77")
    assert rendered.text == "<i>Urgent</i>\n\n<b>Hi</b> &lt;x&gt;"
    assert rendered.block == "one <1>\n\none <2>"
    assert [[button.label for button in row] for row in rendered.buttons] == [
        ["Go & a", "Go & b"],
        ["Go & d"],
    ]
    assert rendered.buttons[0][1].copy == "<c>"
    assert rendered.buttons[1][0].url == (
        "https://x.org/post?text=Free%20%26%20%3C%C3%A9%3E%2C%20now&tags=a%2Cb"
    )
    assert (rendered.replaces, rendered.language) == ("77", "en")


def test_a_message_that_asks_for_no_edit_replaces_nothing(wording) -> None:
    texts = wording({}, {"t": "x"})
    assert texts.render(Message(words("t")), "en", "plain", replaces="77").replaces == ""


def test_texts_below_a_key_fill_up_from_the_first_language(wording) -> None:
    texts = wording(
        {"commands.help": "l'aide", "commands.stop": "fin", "other": "x"},
        {"commands.help": "help"},
    )
    assert texts.texts("en", "commands") == {"help": "help", "stop": "fin"}
    assert texts.texts("fr", "commands") == {"help": "l’aide", "stop": "fin"}


# Letters


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> tuple[Campaign, Wording]:
    return build_content(Path(tmp_path_factory.mktemp("letters")) / "content").loaded()


def draft(campaign: Campaign, **given: str) -> letters.Draft:
    action = campaign.cases["ana"].actions[0]
    assert action.kind == "letter"
    return letters.draft(campaign, "ana", action, "en", seed=1, **given)


def test_a_letter_is_written_in_plain_text_to_its_addressees(content) -> None:
    campaign, wording = content
    letter = wording.write(draft(campaign, first_name="Zoé", town="Saint-Lô"), campaign)
    assert letter.body.startswith("Dear Minister,\n\nI am ")
    assert letter.body.endswith("Yours respectfully,\n\nZoé\nSaint-Lô")
    assert letter.subject == "Release Ana"
    assert [to.name for to in letter.to] == ["The Minister"]
    assert letter.to[0].post == ("1 Main Street", "Capital")
    assert [copy.email for copy in letter.copy_to] == ["embassy@government.example"]


def test_a_typed_name_stays_on_one_line_and_is_no_markup(content) -> None:
    campaign, wording = content
    typed = "A\r\nBcc: x@y.z\u2028\x00 **<b>**\u202egnp.exe {{ org }}"
    letter = wording.write(draft(campaign, first_name=typed), campaign)
    assert letter.first_name == "A Bcc: x@y.z **<b>**gnp.exe {{ org }}"
    assert letter.signed.count("\n") == 0


def test_the_letter_is_what_the_screen_shows_to_copy(content) -> None:
    campaign, wording = content
    drafted = draft(campaign, first_name="Zoé")
    block = letters.whole(drafted)
    said = wording.render(Message(words("x"), block=block), "fr", "plain").block
    assert said == wording.write(drafted, campaign).body


def test_a_letter_that_content_does_not_have_is_a_clear_error(content) -> None:
    campaign, wording = content
    for changed in ({"action": "post"}, {"case": "nobody"}):
        with pytest.raises(LookupError):
            wording.write(replace(draft(campaign), **changed), campaign)


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("fr", "late 2021", "fin 2021"),
        ("fr", "summer 2021", "été 2021"),
        ("en", "late 2021", "late 2021"),
        ("de", "late 2021", "2021"),
    ],
)
def test_a_part_of_a_year_is_said_in_words(language: str, written: str, said: str) -> None:
    assert Formats(language).day(written) == said
