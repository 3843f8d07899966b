"""Ways of running code: one file a kind of plugin, each an `Engine` of `neira.ports`."""
