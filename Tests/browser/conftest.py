import pytest
from board_page import BoardPage, start_chromium
from hearth_fixtures import hearth, start_hearth  # noqa: F401
from hearth_process import Client


def pytest_addoption(parser):
    parser.addoption("--write-images", action="store_true", help="write the screenshots of docs/images anew")


def pytest_collection_modifyitems(config, items):
    """Either the images are written, or everything else is tested."""
    writes = config.getoption("--write-images")
    items[:] = [item for item in items if (item.path.name == "test_images.py") == writes]


@pytest.fixture(scope="session")
def browsers():
    """Browsers that are free. A test's server has a port of its own, and with it what browsers keep for it."""
    free = []
    yield free
    for browser in free:
        browser.quit()


@pytest.fixture
def open_board(hearth, browsers):  # noqa: F811
    """Opens the board, each time in another browser. In the end none of them has anything to complain of."""
    opened = []

    def open_one(path="/", server=hearth):
        opened.append(BoardPage(server.base_url, browsers.pop() if browsers else start_chromium()))
        return opened[-1].open(path)

    yield open_one
    complaints = []
    for page in opened:
        complaints += page.complaints()
        browsers.append(page.leave())
    assert complaints == []


@pytest.fixture
def client(hearth):  # noqa: F811
    """Plain HTTP as nobody; `register` gives one of somebody."""
    return Client(hearth.base_url)
