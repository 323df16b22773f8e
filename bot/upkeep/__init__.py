"""What the bot does unasked: remind, tell milestones, give notice, recount, purge, seal anew.

``Upkeep.run`` does it all in the running bot; each part can be called on its own, with a clock.
"""

from bot.upkeep.posting import UnaskedMessages
from bot.upkeep.running import Upkeep

__all__ = ["UnaskedMessages", "Upkeep"]
