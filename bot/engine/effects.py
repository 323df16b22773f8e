"""What each effect does to a supporter: a table of effects, and a function for each.

They change a ``Person`` in memory; nothing in this file reads or writes the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.campaign import stages
from bot.campaign.content import Campaign
from bot.campaign.effects import (
    Arrive,
    Effect,
    Evidence,
    Forget,
    KeepShareCode,
    ListName,
    NameCountry,
    OfferPage,
    Record,
    Remind,
    Sign,
    StopReminding,
    Subscribe,
    TakeBack,
    Unsubscribe,
    Withdraw,
    WriteToUs,
)
from bot.campaign.signatures import SignatureState
from bot.campaign.stages import Reached, Stage
from bot.campaign.supporter import Supporter
from bot.engine.person import NOTHING_TOLD, Person
from bot.store.broadcasts import desk_requests
from bot.store.people import inbox, page_tokens
from bot.store.people.subscriptions import Consent
from bot.store.petitions.signatures import SPENT, Signature
from bot.store.petitions.tallies import Change

TAKEN_BACK = (Evidence.PLEDGED, Evidence.DECLARED)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What effects need to know besides the person: the day, and what is signed or agreed to."""

    campaign: Campaign
    today: date
    consent_version: str


def _sign(person: Person, effect: Sign, given: Circumstances) -> None:
    if effect.petition not in person.petition_pseudonyms:
        raise LookupError("a signature for a petition that has no key")
    if effect.petition in person.signatures:
        return
    signature = Signature(
        day=given.today,
        language=effect.language,
        text_version=given.campaign.petitions[effect.petition].version,
        text_hash=given.campaign.petition_hashes[effect.petition, effect.language],
        state=SignatureState.PENDING if effect.held else SignatureState.COUNTED,
        signer=person.signer,
        consent_hash=given.campaign.signing_hashes.get(effect.language, ""),
        lot=effect.lot,
    )
    person.signatures.add(effect.petition, signature)
    person.happened.append((effect.petition, person.signer, Change.SIGNED))
    person.reached.append(Reached(Stage.SIGNED))
    person.have_signature(effect.petition, signature.own)


def _withdraw(person: Person, effect: Withdraw, _given: Circumstances) -> None:
    if _drop_signature(person, effect.petition, Change.WITHDRAWN):
        person.reached.append(Reached(Stage.TOOK_BACK))


def _drop_signature(person: Person, petition: str, why: Change) -> bool:
    own = person.own.get(petition)
    if own is None or own.state is SignatureState.SPENT:
        return False
    person.signatures.discard(petition)
    person.countries.pop(petition, None)
    person.names.pop(petition, None)
    person.happened.append((petition, own.signer, why))
    person.have_signature(petition, None)
    return True


def _name_country(person: Person, effect: NameCountry, _given: Circumstances) -> None:
    seen = {"country": effect.country}
    _complete(person, effect.petition, "country", effect.country, person.countries, seen)


def _list_name(person: Person, effect: ListName, _given: Circumstances) -> None:
    seen = {"is_listed": bool(effect.name)}
    _complete(person, effect.petition, "name", effect.name, person.names, seen)


def _complete(
    person: Person,
    petition: str,
    field: str,
    value: str,
    changed: dict[str, str],
    seen: Mapping[str, Any],
) -> None:
    """Something more about a signature: one of this batch, or a stored one (then in ``changed``);
    ``seen``: what its signer sees of that."""
    own = person.own.get(petition)
    if own is None or own.state is SignatureState.SPENT:
        return
    added = person.signatures.added.get(petition)
    if added is not None:
        told: dict[str, Any] = {field: value}
        person.signatures.added[petition] = replace(added, **told)
    else:
        changed[petition] = value
    person.have_signature(petition, replace(own, **seen))


def _leave_signature(person: Person, petition: str) -> None:
    """Let it count on without this person, and mark them as having signed."""
    own = person.own[petition]
    if own.state is SignatureState.SPENT:
        return
    added = person.signatures.added.get(petition)
    if added is not None:
        person.left_new.append((petition, replace(added, country="", name="")))
        person.signatures.added[petition] = SPENT
    else:
        person.left_stored |= {petition}
        person.countries.pop(petition, None)
        person.names.pop(petition, None)
    person.have_signature(petition, SPENT.own)


def _remind(person: Person, effect: Remind, _given: Circumstances) -> None:
    person.reminders[effect.case, effect.action, effect.on] = effect.due


def _stop_reminding(person: Person, effect: StopReminding, _given: Circumstances) -> None:
    person.reminders_stopped.add((effect.case, effect.action))
    person.reminders = {
        (case, action, on): due
        for (case, action, on), due in person.reminders.items()
        if effect.case not in ("", case) or effect.action not in ("", action)
    }


def _record(person: Person, effect: Record, given: Circumstances) -> None:
    if effect.evidence is Evidence.WITHDRAWN:
        _take_back(person, TakeBack(effect.case, effect.action), given)
        return
    if effect.evidence is Evidence.DECLARED:
        _stop_reminding(person, StopReminding(effect.case, effect.action), given)
    if effect.evidence in TAKEN_BACK:
        person.acts.discard((effect.case, effect.action, Evidence.WITHDRAWN))
    act = effect.case, effect.action, effect.evidence
    if act not in person.acts:
        person.reached += stages.reached_by(act, person.acts, given.campaign)
    person.acts.add(act, given.today)


def _take_back(person: Person, effect: TakeBack, given: Circumstances) -> None:
    there = [person.acts.discard((effect.case, effect.action, evidence)) for evidence in TAKEN_BACK]
    if any(there):
        if there[-1]:
            person.reached.append(Reached(Stage.TOOK_BACK, effect.case))
        person.acts.add((effect.case, effect.action, Evidence.WITHDRAWN), given.today)
        _stop_reminding(person, StopReminding(effect.case, effect.action), given)


def _subscribe(person: Person, effect: Subscribe, given: Circumstances) -> None:
    language = given.campaign.language(person.supporter.language)
    version = given.campaign.consent_hashes.get(language, given.consent_version)
    if not list(person.topics):
        person.reached.append(Reached(Stage.SUBSCRIBED))
    person.topics.add(effect.topic, Consent(version, given.today))


def _unsubscribe(person: Person, effect: Unsubscribe, _given: Circumstances) -> None:
    if effect.topic:
        person.topics.discard(effect.topic)
    else:
        person.topics.clear()


def _arrive(person: Person, effect: Arrive, _given: Circumstances) -> None:
    person.arrivals.append((effect.source, effect.on))


def _keep_share_code(person: Person, effect: KeepShareCode, _given: Circumstances) -> None:
    person.share_code = person.share_code or effect.code


def _offer_page(person: Person, effect: OfferPage, _given: Circumstances) -> None:
    whose = person.pseudonym, person.channel, person.address
    offer = page_tokens.Offer(*whose, effect.token, effect.case, effect.action)
    person.rows.append((page_tokens.add, offer))


def _write_to_us(person: Person, effect: WriteToUs, _given: Circumstances) -> None:
    written = inbox.Written(person.pseudonym, effect.text, effect.urgent)
    person.rows.append((inbox.add, written))
    person.rows.append((desk_requests.note_letters, effect.urgent))


def _forget(person: Person, effect: Forget, _given: Circumstances) -> None:
    person.topics.clear()
    person.acts.clear()
    person.share_code = person.share_code_stored = ""
    person.friends = 0
    person.rows = []
    for petition in list(person.own):
        if effect.keep_signatures:
            _leave_signature(person, petition)
        else:
            _drop_signature(person, petition, Change.ERASED)
    person.reminders = {}
    person.reminders_stopped = set()
    person.joined_on = None
    person.question_sealed = None
    person.question_stored = "", 0, 0
    person.supporter = Supporter(seed=person.supporter.seed)
    person.answers_sealed = None
    person.answers_stored = NOTHING_TOLD
    person.ended_at = None
    person.wanted = False
    person.erased = True


APPLY: Mapping[type[Effect], Callable[[Person, Any, Circumstances], None]] = {
    Sign: _sign,
    NameCountry: _name_country,
    ListName: _list_name,
    Withdraw: _withdraw,
    Remind: _remind,
    StopReminding: _stop_reminding,
    Record: _record,
    TakeBack: _take_back,
    Subscribe: _subscribe,
    Unsubscribe: _unsubscribe,
    Arrive: _arrive,
    KeepShareCode: _keep_share_code,
    OfferPage: _offer_page,
    WriteToUs: _write_to_us,
    Forget: _forget,
}


def apply(effect: Effect, person: Person, given: Circumstances) -> None:
    """Change what the effect asks for. A kind that is not known raises ``KeyError``."""
    APPLY[type(effect)](person, effect, given)
