"""Work on a whole home: examine, back up, restore, migrate, rebuild, forget. The CLI calls it."""
