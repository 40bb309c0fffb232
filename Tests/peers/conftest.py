import pytest
from hearth_fixtures import hearth, start_hearth  # noqa: F401
from synapse_process import SynapseProcess


@pytest.fixture
def synapse(tmp_path):
    folder = tmp_path / "synapse"
    folder.mkdir()
    process = SynapseProcess(folder)
    try:
        yield process.start()
    finally:
        process.stop()
