"""Tables of people: pseudonyms, sealed answers, what they did. Nothing names them readably."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
)

from bot.store.schema import HIDDEN, UNORDERED, Hour, Moment, kind, metadata, sealed

supporters = Table(
    "supporters",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("channel", String, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False, info=sealed("supporters.address")),
    Column("language", String, nullable=False),
    Column("case", String, nullable=False),
    # Sealed and always there, since "which name on the list?" would tell that somebody has signed.
    Column("question_sealed", LargeBinary, info=sealed("supporters.question")),
    Column("source", String, nullable=False),
    # Of everybody, whether or not something was answered; empty again a day after the last visit,
    # of which `answers_at` has the hour until then.
    Column("answers_sealed", LargeBinary, info=sealed("supporters.answers")),
    Column("answers_at", Hour),
    Column("joined_on", Date, nullable=False),
    # To the hour: who is talking just now is known in memory alone (people/talking.py).
    Column("seen_at", Hour, nullable=False),
    Column("ended_at", Hour),
    **UNORDERED,
    info=kind("supporter"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column(
        "pseudonym",
        LargeBinary,
        ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("topic", String, primary_key=True),
    Column("wording_version", String, nullable=False),
    Column("day", Date, nullable=False),
    **UNORDERED,
    info=kind("updates"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("case", String, primary_key=True),
    Column("action", String, primary_key=True),
    Column("on", Date, primary_key=True),
    Column("due", Moment, nullable=False),
    # Whose it is: the row's own pseudonym leads to nobody.
    Column("whose_sealed", LargeBinary, nullable=False, info=HIDDEN | sealed("reminders.whose")),
    Index("reminders_by_time", "due"),
    **UNORDERED,
    info=kind("reminders", aside=True),
)

# Who was told that their data will be erased for being silent.
notices = Table(
    "notices",
    metadata,
    Column(
        "pseudonym",
        LargeBinary,
        ForeignKey("supporters.pseudonym", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("sent_at", Hour, nullable=False),
    **UNORDERED,
    info=kind("notice"),
)

acts = Table(
    "acts",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("case", String, primary_key=True),
    Column("action", String, primary_key=True),
    Column("evidence", String, primary_key=True),
    Column("day", Date, nullable=False),
    **UNORDERED,
    info=kind("acts", aside=True),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("source", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", BigInteger, nullable=False),
    **UNORDERED,
    info=kind("figures"),
)

# What the chat page shows again after a reload: the only conversation that is kept, since no
# platform keeps it for us. A row is an event with all its answers, so that their number is not
# told; numbers come from `sequences`, as many for each row, and are never given twice. `mark` names
# the row, so that none is kept twice.
web_turns = Table(
    "web_turns",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("mark", LargeBinary, nullable=False, info=HIDDEN),
    Column("sealed", LargeBinary, nullable=False, info=sealed("web_turns.body", packed=True)),
    Column("at", Hour, nullable=False),
    Index("web_turns_by_mark", "pseudonym", "mark", unique=True),
    Index("web_turns_by_time", "at"),
    **UNORDERED,
    info=kind("conversation"),
)

# What supporters wrote to the team, and its answers: a thread each, sealed as a whole.
inbox = Table(
    "inbox",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False, info=sealed("inbox.sealed")),
    Column("at", Hour, nullable=False),
    Index("inbox_by_time", "at"),
    **UNORDERED,
    info=kind("inbox", aside=True),
)

# No way leads from a code to who came by it, nor to a signature.
share_codes = Table(
    "share_codes",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("code", String, nullable=False, unique=True),
    **UNORDERED,
    info=kind("sharing", aside=True),
)

# Links to the compose page, each good for saying once that a letter was sent.
page_tokens = Table(
    "page_tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True, info=HIDDEN),
    Column("pseudonym", LargeBinary, nullable=False),
    Column("channel", String, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False, info=sealed("page_tokens.address")),
    Column("case", String, nullable=False),
    Column("action", String, nullable=False),
    Column("at", Hour, nullable=False),
    Index("page_tokens_by_pseudonym", "pseudonym"),
    Index("page_tokens_by_time", "at"),
    **UNORDERED,
    info=kind("pages", aside=True),
)
