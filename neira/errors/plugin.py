"""Stand-in until the registry is whole."""
from neira.errors.input import InvalidInput
class UnknownPermission(InvalidInput):
    code = "unknown_permission"
