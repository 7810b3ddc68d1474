"""On which ports an embedded system listens."""

from dataclasses import dataclass

from worker.processes.ports import LOOPBACK, PortInUseError, free_ports, require_free

API, TEMPORAL, UI = 8080, 7233, 8233
TRIES = 100


@dataclass(frozen=True)
class Ports:
    """The three ports."""

    api: int
    temporal: int
    ui: int

    @property
    def api_url(self) -> str:
        """Address of the API and of the customers' pages."""
        return f"http://{LOOPBACK}:{self.api}"

    @property
    def temporal_address(self) -> str:
        """Host and port of Temporal."""
        return f"{LOOPBACK}:{self.temporal}"

    @property
    def ui_url(self) -> str:
        """Address of the Temporal UI."""
        return f"http://{LOOPBACK}:{self.ui}"


def choose(api: int | None, temporal: int | None, ui: int | None) -> Ports:
    """The ports that were asked for; for the others the usual ones, or the next that are free.

    Raises:
        PortInUseError: one that was asked for is taken.
    """
    taken: set[int] = set()

    def chosen(wanted: int | None, usual: int, purpose: str) -> int:
        if wanted is not None:
            if wanted in taken:
                raise PortInUseError(wanted, purpose)
            require_free(wanted, purpose)
        port = wanted if wanted is not None else _next_free(usual, taken)
        taken.add(port)
        return port

    # Those asked for come first, so that none of the others takes one.
    purposes = {"api": (api, API, "the API"), "temporal": (temporal, TEMPORAL, "Temporal"), "ui": (ui, UI, "its UI")}
    found = {name: chosen(*purpose) for name, purpose in sorted(purposes.items(), key=lambda item: item[1][0] is None)}
    return Ports(**found)


def any_free() -> Ports:
    """Three ports that are free at the moment."""
    return Ports(*free_ports(3))


def _next_free(usual: int, taken: set[int]) -> int:
    for port in range(usual, usual + TRIES):
        if port in taken:
            continue
        try:
            return require_free(port)
        except PortInUseError:
            continue
    return next(port for port in free_ports(3) if port not in taken)
