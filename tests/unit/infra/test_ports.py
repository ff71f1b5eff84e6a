"""Sockets are opened before anything is started, and held: nobody else can take what was promised."""

import os
import socket
from contextlib import closing

import pytest

from infra import ports
from infra.plan import BadRequest
from infra.processes import serve_metrics
from infra.settings import Settings
from infra.up import PROCESSES, check_metrics_ports


def usual(monkeypatch: pytest.MonkeyPatch) -> int:
    """A port that is free, as the console's usual one."""
    with ports.listen("127.0.0.1", 0) as free:
        number = int(free.getsockname()[1])
    monkeypatch.setattr(ports, "PORT", number)
    return number


def test_of_two_vigils_that_start_together_each_has_a_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    number = usual(monkeypatch)
    first, said = ports.console_socket("127.0.0.1", None)
    second, told = ports.console_socket("127.0.0.1", None)
    assert first is not None
    assert second is not None
    with closing(first), closing(second):
        assert (first.getsockname()[1], said) == (number, "")
        other = second.getsockname()[1]
        assert other != number
        assert told == f"port {number} is taken: the console is on port {other}"


def test_a_port_that_was_named_must_be_free_and_the_host_one_of_this_machine() -> None:
    with closing(ports.listen("127.0.0.1", 0)) as held:
        number = held.getsockname()[1]
        with pytest.raises(BadRequest, match=f"--port {number} of 127.0.0.1 cannot be used"):
            ports.console_socket("127.0.0.1", number)
    with pytest.raises(BadRequest, match=r"--host 203\.0\.113\.1 is no address of this machine"):
        ports.console_socket("203.0.113.1", None)
    with pytest.raises(BadRequest, match="--port 70000 "):
        ports.listen("127.0.0.1", 70000)
    assert ports.console_socket("127.0.0.1", 0) == (None, "no console: --port 0")


def test_a_socket_that_was_passed_on_is_the_same_port_and_the_holder_keeps_it() -> None:
    with closing(ports.listen("127.0.0.1", 0)) as held:
        with closing(ports.inherited(os.dup(held.fileno()))) as passed:
            assert passed.getsockname() == held.getsockname()
        # who took connections is gone: they wait for the next one
        with socket.create_connection(held.getsockname(), 1.0):
            pass
        assert ports.url_of(held) == f"http://127.0.0.1:{held.getsockname()[1]}/"
    with pytest.raises(BadRequest, match="--listening 9999 is no socket"):
        ports.inherited(9999)


def test_a_metrics_port_that_is_taken_stops_no_process_and_is_said_before_any_starts() -> None:
    with closing(ports.listen("127.0.0.1", 0)) as held:
        number = held.getsockname()[1]
        assert not serve_metrics(number)
        settings = Settings.from_environment({"VIGIL_METRICS_PORT": str(number - 2), "HOME": "/tmp"})
        with pytest.raises(BadRequest, match=f"VIGIL_METRICS_PORT={number - 2} needs the ports"):
            check_metrics_ports(settings)
        beyond = Settings.from_environment({"VIGIL_METRICS_PORT": str(number - 1 - PROCESSES), "HOME": "/tmp"})
        assert ports.taken(beyond.metrics_port, 1 + PROCESSES) != number
    with pytest.raises(BadRequest, match="--metrics-port 70000"):
        serve_metrics(70000)


def test_an_empty_host_is_not_every_address_of_this_machine() -> None:
    with pytest.raises(BadRequest, match="--host is empty"):
        ports.listen("", 0)
