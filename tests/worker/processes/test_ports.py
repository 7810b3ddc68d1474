"""Ports: free ones to choose from, and a clear word about a taken one."""

import socket

import pytest

from worker.processes.ports import LOOPBACK, PortInUseError, free_ports, require_free


def test_free_ports_are_different_and_can_be_listened_on() -> None:
    """A demo beside a running system gets ports of its own."""
    ports = free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        assert require_free(port) == port


@pytest.mark.parametrize("bound_to", [LOOPBACK, "0.0.0.0"])  # noqa: S104 what other programs do
def test_a_taken_port_is_named(bound_to: str) -> None:
    """A developer who starts a second system reads which port is taken, and for what it was wanted."""
    with socket.socket() as other:
        other.bind((bound_to, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"port {port} on 127.0.0.1, wanted for the API, is in use") as taken:
            require_free(port, "the API")
        assert taken.value.port == port


def test_a_port_just_given_back_is_free() -> None:
    """A restart is not refused because connections of the former server linger."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Temporal and uvicorn do
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection((LOOPBACK, port)) as client:
            server.accept()[0].close()  # who closes first lingers
            assert client.recv(1) == b""
    assert require_free(port) == port
