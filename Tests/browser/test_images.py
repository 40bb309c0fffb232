"""Writes docs/images anew: a made-up team at its work. Runs with `--write-images` alone."""

import base64
import pathlib
import time

from board_page import DESKTOP, PHONE
from test_operator import account, operate

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "images"
HOUR = 3_600_000

TEAM = [
    ("bob", "Bob Martínez", "busy", "📅", "in a meeting", 1),
    ("carol", "Carol Ngũgĩ", "online", "✍️", "writing the report", 0),
    ("dave", "Dave Lindqvist", "unavailable", "🦷", "out at the dentist", 2),
    ("erin", "Erin O’Connor", "online", "", "", 0),
    ("frank", "Frank Weber", "offline", "🌴", "on holiday", 0),
    ("grace", "Grace Okafor", "online", "🧮", "compiling", 0),
    ("heidi", "هايدي منصور", "busy", "☕", "في اجتماع", 0),
    ("ivan", "Иван Петров", "unavailable", "", "", 0),
    ("mei", "Mei Chen", "online", "🏠", "working from home", 0),
    ("noor", "Noor Haddad", "offline", "", "", 0),
]


def gather(client):
    alice = client.register("alice")
    [laptop] = alice.request("GET", "devices")["devices"]
    alice.request("PUT", "devices", laptop["device_id"], body={"display_name": "Laptop"})
    alice.request("GET", "sync", query={"set_presence": "unavailable", "timeout": "0"})
    alice.request("PUT", "profile", alice.user_id, "displayname", body={"displayname": "Alice Baker"})
    room = alice.create_room(preset="public_chat", name="Kitchen")
    workshop = alice.create_room(preset="public_chat", name="Workshop")
    for name, shown, presence, emoji, text, hours in TEAM:
        user = client.register(name)
        user.request("PUT", "profile", user.user_id, "displayname", body={"displayname": shown})
        user.join(room)
        user.join(workshop)
        user.request("GET", "sync", query={"set_presence": "online", "timeout": "0"})
        if presence != "online":
            user.put_presence(presence, **{"io.hearth.manual": True})
        if text:
            content = {"text": text, "emoji": emoji}
            if hours:
                content["io.hearth.expires_ts"] = int(time.time() * 1000) + hours * HOUR
            user.set_state(user.profile_room(), "m.status", content)


def photograph(board, name, size, *, dark, scale=1):
    board.resize(size, dark=dark, scale=scale)
    board.run("document.activeElement?.blur()")
    board.wait(lambda: board.run("return document.getAnimations().length === 0"), "nothing moves")
    time.sleep(0.3)
    picture = board.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 82})
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(picture["data"]))


def in_daylight(board):
    """An hour of the day at which people work, wherever the images are made."""
    hour = (10 - time.gmtime().tm_hour) % 24
    zone = f"Etc/GMT{-hour if hour <= 12 else 24 - hour:+d}"
    board.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
    board.driver.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": "en-GB"})
    board.open()


def test_write_images(hearth, client, open_board):
    gather(client)
    board = open_board()
    in_daylight(board)
    board.log_in("alice")
    board.until_seen("@noor:localhost", presence="offline")
    board.until_seen("@mei:localhost", status="🏠 working from home")
    board.fill("#status-emoji", "🎧")
    board.fill("#status-text", "reviewing")
    board.choose("#status-until", "1h")
    board.click("#status-form button[type=submit]")
    board.wait(lambda: "reviewing" in board.text("#you-status"), "the status")
    board.run("document.querySelector('#status-note').textContent = ''; document.querySelector('#devices').open = true")
    board.wait(lambda: "this page" in board.text("#device-list"), "the devices")
    for dark in [False, True]:
        light = "dark" if dark else "light"
        board.run("scrollTo(0, 0)")
        photograph(board, f"board-desktop-{light}", DESKTOP, dark=dark)
        board.resize(PHONE, dark=dark)
        for view in ["home", "you", "audience"]:
            board.click(f".views [data-view={view}]")
            photograph(board, f"board-phone-{view}-{light}", PHONE, dark=dark, scale=1.5)

    operator = operate(hearth, open_board)
    in_daylight(operator)
    operator.open("/#admin")
    operator.wait(lambda: account(operator, "@bob:localhost"), "the accounts")
    account(operator, "@bob:localhost").find_element("css selector", "summary").click()
    operator.wait(lambda: "Busy: set by hand" in account(operator, "@bob:localhost").text, "what changed")
    operator.run("scrollTo(0, 0)")
    photograph(operator, "board-operator-light", (1280, 1100), dark=False)
