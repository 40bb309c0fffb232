"""Servers for tests: started as often as needed, and ended with the test."""

import pytest
from hearth_process import HearthProcess


@pytest.fixture
def start_hearth(tmp_path):
    """Starts servers with settings of their own; all of them have ended when the test has."""
    started = []

    def start(settings=None):
        folder = tmp_path / f"hearth-{len(started)}"
        folder.mkdir()
        started.append(HearthProcess(folder, settings))
        return started[-1].start()

    yield start
    statuses = [hearth.stop() for hearth in started]
    assert statuses == [0] * len(started), "a server did not end cleanly"


@pytest.fixture
def hearth(start_hearth):
    return start_hearth()
