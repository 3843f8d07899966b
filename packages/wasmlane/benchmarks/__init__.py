"""Measurements that print tables; nothing here is asserted by tests but the soak."""
