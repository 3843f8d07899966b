"""One tree of errors, a file a noun: data in, sentence out, and what to do about it."""

from neira.errors.base import Fault, NeiraError

__all__ = ["Fault", "NeiraError"]
