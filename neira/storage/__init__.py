"""What plugins saved, as files: read from here by `neira.facts`; nothing is written yet."""
