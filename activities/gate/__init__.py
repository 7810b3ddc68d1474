"""The gate: policy, ledger and provider behind `send`. Nothing reaches a customer except through it."""
