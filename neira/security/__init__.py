"""Who asks: tokens, made and revoked as journaled changes, stored as digests."""
