"""`sojourn doctor`: looks at everything that a system stands on, changes nothing and sends nothing."""

from worker.doctor.examination import examine
from worker.doctor.findings import Finding, State

__all__ = ["Finding", "State", "examine"]
