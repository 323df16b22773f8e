"""A public message on X: told first that it is public, then a link that opens it filled in."""

from __future__ import annotations

from bot.campaign.content import PostAction
from bot.campaign.effects import Evidence, Record
from bot.campaign.messages import Link, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import safety
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

INTENT = "https://x.com/intent/post"


def begin(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """What being public means, before the text is offered."""
    turn.to_act(case_id, action_id, PostAction)
    if safety.at_risk(turn):
        return _careful(turn, case_id, action_id)
    language = turn.campaign.nearest(case_id, action_id, turn.language)
    return turn.answer(
        turn.screen(
            words("post.caution", name=turn.case(case_id).name),
            (choice("post_text", f"post:{case_id}:{action_id}:{language}:0"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[Record(case_id, action_id, Evidence.OPENED)],
        case=case_id,
    )


def _careful(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """No public message is suggested to whoever said that a letter could harm them."""
    return turn.answer(
        turn.screen(
            words("post.careful", told=words("safety.told")),
            (choice("sign_petition", f"petition:{turn.case(case_id).petition}"),),
            safety.change(turn, "act", case_id, action_id),
            safety.untraced(turn),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[Record(case_id, action_id, Evidence.OPENED)],
        case=case_id,
    )


def show(turn: Turn, case_id: str, action_id: str, language: str, version: str) -> Outcome:
    """The text as a block to copy, and the link that opens it on X."""
    action = turn.to_act(case_id, action_id, PostAction)
    case = turn.case(case_id)
    written = turn.campaign.writes(language, case_id, action_id)
    if not written or not version.isdecimal() or len(version) > 6:
        raise NotOffered("post")
    if safety.at_risk(turn):
        return _careful(turn, case_id, action_id)
    versions = turn.campaign.variants.get(f"{case_id}.post", 1)
    text = words(f"{case_id}.post.{int(version) % versions}").in_language(language)
    page = (("url", case.page.url),) if case.page else ()
    here = f"{case_id}:{action_id}"
    others = [
        choice(f"words_in_{other}", f"post:{here}:{other}:{version}")
        for other in turn.campaign.written_for(case_id, action_id)
        if other != language
    ]
    message = turn.screen(
        words("post.ready", name=case.name),
        (
            Link(
                words("buttons.open_x"),
                INTENT,
                (("text", text), *page, ("hashtags", ",".join(action.hashtags))),
            ),
        ),
        (choice("posted", f"did:{here}"),),
        (choice("other_words", f"post:{here}:{language}:{int(version) + 1}"),),
        (choice("back", f"act:{here}"), to_menu()),
        rest=(others, (choice("will", f"will:{here}"),)),
        here=f"post:{here}:{language}:{version}",
    )
    return turn.answer(
        message.with_block(text),
        effects=[Record(case_id, action_id, Evidence.PREPARED)],
        case=case_id,
    )


ROUTES = (Route("post", show, depends_on=DependsOn.ANSWERS, versions="post"),)
