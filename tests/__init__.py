"""Tests, mirroring neira/: behaviour names, one sentence each, real parts."""
