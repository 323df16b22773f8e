"""The pack that is handed over with a petition: a document, tables, totals, checksums.

Made as often as wanted, from the rows themselves; that one was made is noted, since signatures are
destroyed only after. When they are, the same command gives the certificate.
"""

from bot.handover.closed import closed_in, final_pack, open_pack, to_moderate
from bot.handover.facts import HandoverTrouble
from bot.handover.packing import hand_over

__all__ = ["HandoverTrouble", "closed_in", "final_pack", "hand_over", "open_pack", "to_moderate"]
