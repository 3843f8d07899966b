"""What plugins there are: manifests read once, versions that never change, a fold of the journal."""
