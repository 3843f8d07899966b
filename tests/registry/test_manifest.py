"""Manifests as people write them: ours and our neighbours', and every mistake at once."""
