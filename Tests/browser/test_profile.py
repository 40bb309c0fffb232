"""One's own name and picture, and statuses that are longer than their line."""

import time

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from test_avatars import picture

OWN_PICTURE = """
const image = document.querySelector('#you-avatar img');
if (!image?.complete || !image.naturalWidth) return null;
const canvas = document.createElement('canvas').getContext('2d');
canvas.drawImage(image, 0, 0);
return ['red', 'green', 'blue'].filter((_, part) => canvas.getImageData(5, 5, 1, 1).data[part] > 128);
"""


def opened(board):
    board.wait(lambda: board.all("#choices [aria-pressed=true]"), "the page is ready")
    board.click("#profile summary")
    return board


def profile(user):
    return user.request("GET", "profile", user.user_id)


def test_a_name_is_changed_for_everybody_and_taken_away(client, open_board):
    alice, bob = client.register("alice"), client.register("bob")
    bob.join(alice.create_room(preset="public_chat", name="Kitchen"))
    bobs = open_board().log_in("bob")
    alices = opened(open_board().log_in("alice"))
    alices.fill("#profile-name", "Alice Baker")
    alices.find("#profile-name").send_keys(Keys.ENTER)
    alices.wait(lambda: alices.text("#profile-note") == "Saved.", "saved")
    alices.wait(lambda: alices.text("#you-name") == "Alice Baker", "one's own name")
    bobs.until_seen(alice.user_id, name="Alice Baker")
    # Another client's change comes into the field, unless somebody types there.
    alice.request("PUT", "profile", alice.user_id, "displayname", body={"displayname": "Ali"})
    alices.wait(lambda: alices.find("#profile-name").get_attribute("value") == "Ali", "the other client's name")
    alices.find("#profile-name").send_keys("ce")
    alice.request("PUT", "profile", alice.user_id, "displayname", body={"displayname": "Al"})
    alices.wait(lambda: alices.text("#you-name") == "Al", "the other client's name")
    assert alices.find("#profile-name").get_attribute("value") == "Alice"
    alices.find("#profile-name").clear()
    alices.click("#profile-form button")
    bobs.until_seen(alice.user_id, name="alice")
    assert "displayname" not in profile(alice)


def test_a_picture_is_chosen_with_the_keyboard_shown_and_removed(client, open_board, tmp_path):
    alice = client.register("alice")
    board = opened(open_board().log_in("alice"))
    (tmp_path / "me.png").write_bytes(picture(200, 30, 30))
    board.run("document.querySelector('#profile summary').focus()")
    reached = []
    for _ in range(5):
        ActionChains(board.driver).send_keys(Keys.TAB).perform()
        reached.append(board.run("return document.activeElement.id"))
    assert "profile-picture" in reached
    board.find("#profile-picture").send_keys(str(tmp_path / "me.png"))
    board.wait(lambda: board.text("#profile-note") == "Saved.", "saved")
    board.run("scrollTo(0, 0)")
    board.wait(lambda: board.run(OWN_PICTURE) == ["red"], "the picture")
    assert profile(alice)["avatar_url"].startswith("mxc://localhost/")
    board.click("#profile-picture-remove")
    board.wait(lambda: board.text("#you-avatar") == "A" and "avatar_url" not in profile(alice), "removed")
    assert not board.find("#profile-picture-remove").is_displayed()


def test_what_is_no_picture_is_refused_in_words(client, open_board, tmp_path):
    alice = client.register("alice")
    board = opened(open_board().log_in("alice"))
    (tmp_path / "me.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    board.find("#profile-picture").send_keys(str(tmp_path / "me.svg"))
    board.until_shown("#trouble")
    assert board.text("#trouble-text") == "A picture is a PNG, JPEG, GIF or WebP file."
    assert "avatar_url" not in profile(alice)


def row_part(board, part):
    return board.find(f"#groups .person {part}")


def test_a_long_status_can_be_read_whole_and_a_short_one_has_no_button(client, open_board):
    alice, bob = client.register("alice"), client.register("bob")
    bob.join(alice.create_room(preset="public_chat", name="Kitchen"))
    long = " ".join(["at the workshop until the band saw is mended"] * 5)
    bob.set_state(bob.profile_room(), "m.status", {"text": long, "emoji": "🪚", "io.hearth.expires_ts": int(time.time() * 1000) + 3_600_000})
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id, status=f"🪚 {long}")
    board.wait(lambda: row_part(board, ".unfold").is_displayed(), "the button")
    cut = board.run("const text = document.querySelector('#groups .status-text'); return text.scrollWidth > text.clientWidth")
    assert cut, "the text is cut off"
    button = row_part(board, ".unfold")
    assert (button.text, button.get_attribute("aria-expanded")) == ("More", "false")
    board.run("document.querySelector('#groups .unfold').focus()")
    button.send_keys(Keys.ENTER)
    whole = """
        const text = document.querySelector('#groups .status-text'), row = text.closest('.person');
        const [inner, outer] = [text.getBoundingClientRect(), row.getBoundingClientRect()];
        return text.scrollWidth <= text.clientWidth && text.scrollHeight <= text.clientHeight + 1
          && getComputedStyle(text).whiteSpaceCollapse === 'collapse' && getComputedStyle(text).textWrapMode === 'wrap'
          && inner.height > 30 && inner.bottom <= outer.bottom && inner.right <= outer.right;
    """
    board.wait(lambda: board.run(whole), "the whole text")
    assert (button.text, button.get_attribute("aria-expanded")) == ("Less", "true")
    button.click()
    board.wait(lambda: not board.run(whole), "cut off again")
    bob.set_state(bob.profile_room(), "m.status", {"text": "back"})
    board.until_seen(bob.user_id, status="back")
    board.wait(lambda: not row_part(board, ".unfold").is_displayed(), "no button")
    bob.set_state(bob.profile_room(), "m.status", {"text": long})
    board.until_seen(bob.user_id, status=long)
    board.wait(lambda: row_part(board, ".unfold").is_displayed(), "the button again")
