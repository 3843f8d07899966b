"""Stand-in until the registry is whole."""
