"""Events in, one transaction, messages out."""

from bot.engine.answering import EngineContext
from bot.engine.recording import Engine, EngineClosed, Keeper

__all__ = ["Engine", "EngineClosed", "EngineContext", "Keeper"]
