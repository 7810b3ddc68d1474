"""Who delivers: one driver a file, each keeping the contract in `activities/delivery.py`."""
