"""Training of the networks: records, the loop that all networks share, and a trainer for each network.

Modules that make and read records (`records`, `record_shards`, `make_records`, `folder_data`) need no torch, so
that worker processes start fast.
"""
