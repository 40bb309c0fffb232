"""The board in a real browser, in the words of who uses it."""

import contextlib
import shutil
import time

from hearth_process import PASSWORD
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

PATIENCE = 20
DESKTOP, PHONE = (1280, 900), (390, 844)


def start_chromium():
    """Debian's chromium under its own driver: nothing is downloaded."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        raise RuntimeError("There is no chromium with chromedriver here. `scripts/setup` installs both.")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for word in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en-GB"]:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


class BoardPage:
    def __init__(self, base_url, driver):
        self.base_url = base_url
        self.driver = driver
        self.resize(DESKTOP)

    def resize(self, size, *, dark=False, scale=1):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 700}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, path="/"):
        self.driver.get(self.base_url + path)
        return self

    def leave(self):
        """Gives the browser back, with one empty tab."""
        first, *others = self.driver.window_handles
        for other in others:
            self.driver.switch_to.window(other)
            self.driver.close()
        self.driver.switch_to.window(first)
        self.driver.get("about:blank")
        return self.driver

    def complaints(self):
        """What the browser found wrong with the page. Answers that are no success are the server's business, not the page's."""
        return [
            entry["message"] for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]
        ]

    # Finding and doing

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def click(self, selector):
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", self.find(selector))
        self.find(selector).click()

    def fill(self, selector, text):
        self.find(selector).clear()
        self.find(selector).send_keys(text)

    def choose(self, selector, value):
        Select(self.find(selector)).select_by_value(value)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def await_script(self, body, *arguments):
        """The value of a promise; `body` is that of an async function."""
        script = f"const done = arguments[arguments.length - 1]; (async (...args) => {{ {body} }})(...arguments).then(done, (e) => done('FAILED ' + e.stack));"
        value = self.driver.execute_async_script(script, *arguments)
        assert not (isinstance(value, str) and value.startswith("FAILED")), value
        return value

    def wait(self, found, what, patience=PATIENCE):
        """Waits until `found()` is true and returns how long that took."""
        started = time.monotonic()
        while True:
            with contextlib.suppress(StaleElementReferenceException):
                if found():
                    return time.monotonic() - started
            assert time.monotonic() - started < patience, f"waited {patience} s in vain: {what}"
            time.sleep(0.03)

    def until_shown(self, selector, patience=PATIENCE):
        return self.wait(lambda: any(node.is_displayed() for node in self.all(selector)), f"{selector} is shown", patience)

    # The board's words

    def log_in(self, name, *, stay=False):
        self.until_shown("#login-form")
        self.fill("#login-user", name)
        self.fill("#login-password", PASSWORD)
        if stay:
            self.click("#login-stay")
        self.click("#login-submit")
        self.until_shown("#board")
        return self

    def row(self, user_id):
        """What the board shows of somebody, or None: presence, name, status, meta."""
        return self.run(
            """
            const row = [...document.querySelectorAll('#groups .person')].find((row) => row.querySelector('.id').textContent === arguments[0]);
            if (!row) return null;
            const text = (name) => row.querySelector('.' + name).textContent;
            const status = row.querySelector('.status');
            return {
              presence: row.dataset.presence, name: text('name'), meta: text('meta'),
              status: status.hidden ? null : `${text('status-emoji')} ${text('status-text')}`.trim(), until: text('status-until'),
            };
            """,
            user_id,
        )

    def until_seen(self, user_id, patience=PATIENCE, **facts):
        """Waits until a row shows these facts and returns how long that took."""
        def fits():
            row = self.row(user_id)
            return row is not None and all(row[key] == value for key, value in facts.items())

        try:
            return self.wait(fits, f"{user_id} as {facts}", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}; the board shows {self.row(user_id)}") from None
