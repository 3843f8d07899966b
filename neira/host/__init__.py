"""What plugins may do: each action and each reading host function is one small file.

`actions/` holds effects, `functions/` what is only read. `catalogue` puts them together; `run_host` is what a
running plugin speaks to; `effects` is what the applier hands to an action that has been committed.
"""
