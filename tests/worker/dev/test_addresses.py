"""The ports of an embedded system."""

import socket

import pytest

from worker.dev import addresses
from worker.dev.addresses import choose
from worker.processes.ports import PortInUseError, free_ports


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> "socket.socket":
    """A usual port of the API that another program listens on."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    monkeypatch.setattr(addresses, "API", listener.getsockname()[1])
    return listener


def test_a_usual_port_that_is_taken_is_passed_over(taken: socket.socket) -> None:
    """A developer who runs something on 8080 already gets the next free port."""
    with taken:
        chosen = choose(None, *free_ports(2))
        assert chosen.api > taken.getsockname()[1]


def test_a_wanted_port_that_is_taken_is_an_error(taken: socket.socket) -> None:
    """A developer who asks for a port gets it or an error, never another one."""
    with taken, pytest.raises(PortInUseError):
        choose(taken.getsockname()[1], None, None)


def test_one_port_for_two_purposes_is_an_error() -> None:
    """Two programs cannot listen on one port."""
    (port,) = free_ports(1)
    with pytest.raises(PortInUseError):
        choose(port, port, None)


def test_a_usual_port_that_was_asked_for_elsewhere_is_passed_over() -> None:
    """Whoever wants Temporal on 8080 gets the API on another port."""
    (port,) = free_ports(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "API", port)
        chosen = choose(None, port, None)
    assert chosen.temporal == port
    assert chosen.api != port
