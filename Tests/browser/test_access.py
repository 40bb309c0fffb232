"""For those who use a keyboard or a screen reader, and in what light and width it may be."""

import pytest
from board_page import DESKTOP, PHONE
from selenium.webdriver.common.keys import Keys


def entered(client, open_board, **look):
    alice, bob = client.register("alice"), client.register("bob")
    bob.join(alice.create_room(preset="public_chat", name="Kitchen"))
    bob.request("GET", "sync", query={"set_presence": "online", "timeout": "0"})
    board = open_board()
    board.resize(DESKTOP, **look)
    board.log_in("alice")
    board.until_seen(bob.user_id, presence="online")
    return board, bob


def accessible(board):
    tree = board.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node["ignored"] and "role" in node]


def test_everything_that_can_be_used_has_a_name_and_the_page_has_landmarks(client, open_board):
    board, _ = entered(client, open_board)
    nodes = accessible(board)
    roles = {"button", "textbox", "searchbox", "combobox", "checkbox", "radio", "link", "spinbutton"}
    nameless = [role for role, name in nodes if role in roles and not name.strip()]
    assert nameless == []
    found = {role for role, _ in nodes}
    assert {"main", "banner", "complementary", "heading", "list", "listitem"} <= found
    assert ("region", "You") in nodes and ("region", "Who sees me") in nodes
    board.resize(PHONE)
    assert ("navigation", "Views") in accessible(board)


def test_a_change_is_told_to_a_screen_reader(client, open_board):
    board, bob = entered(client, open_board)
    spoken = lambda: board.run("return document.querySelector('#announcer').textContent")  # noqa: E731
    board.wait(lambda: spoken() == "Who is home: 1 online.", "the sum at the beginning")
    bob.put_presence("busy")
    board.wait(lambda: spoken() == "bob: Busy.", "the change")
    assert board.find("#announcer").get_attribute("aria-live") == "polite"


def test_the_keyboard_alone_logs_in_and_makes_busy(client, open_board):
    client.register("alice")
    board = open_board()
    board.until_shown("#login-form")
    keys = lambda *pressed: board.driver.switch_to.active_element.send_keys(*pressed)  # noqa: E731
    keys("alice", Keys.TAB)
    keys("correct horse battery staple", Keys.ENTER)
    board.until_shown("#board")
    board.wait(lambda: board.all("#choices [aria-pressed=true]"), "the choices")
    for _ in range(40):
        keys(Keys.TAB)
        if board.run("return document.activeElement.dataset.choice") == "busy":
            break
    outline = board.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus is to be seen"
    keys(Keys.ENTER)
    board.wait(lambda: "You are busy" in board.text("#you-now"), "busy")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_contrast_enough(client, open_board, dark):
    """WCAG AA: 4.5 to 1 for text, measured over the page's own background."""
    board, _ = entered(client, open_board, dark=dark)
    board.wait(lambda: board.all("#choices [aria-pressed=true]"), "the choices")
    board.wait(lambda: board.run("return document.getAnimations().length === 0"), "nothing moves")
    low = board.run(
        """
        const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const rgba = (color) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = color; paint.fillRect(0, 0, 1, 1); return [...paint.getImageData(0, 0, 1, 1).data]; };
        const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a / 255 + below[i] * (1 - a / 255));
        const backgroundOf = (node) => {
          if (!node) return [255, 255, 255];
          const color = rgba(getComputedStyle(node).backgroundColor);
          return color[3] === 255 ? color.slice(0, 3) : over(color, backgroundOf(node.parentElement));
        };
        const light = (color) => {
          const [r, g, b] = color.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const low = [];
        for (const node of document.querySelectorAll('body *')) {
          const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
          if (!own || !node.checkVisibility() || node.closest('[aria-hidden=true]')) continue;
          const below = backgroundOf(node);
          const [a, b] = [light(over(rgba(getComputedStyle(node).color), below)), light(below)].sort((x, y) => y - x);
          const ratio = (a + 0.05) / (b + 0.05);
          if (ratio < 4.5) low.push(`${node.tagName}.${node.className} "${node.textContent.slice(0, 30)}": ${ratio.toFixed(2)}`);
        }
        return low;
        """)
    assert low == []


def test_a_phone_shows_one_part_at_a_time_and_nothing_sideways(client, open_board):
    board, _ = entered(client, open_board)
    board.resize(PHONE)
    parts = {"home": "#people-title", "you": "#choices", "audience": "#audience-default"}
    for view in ["you", "audience", "home"]:
        board.click(f".views [data-view={view}]")
        board.until_shown(parts[view])
        for other, selector in parts.items():
            assert board.find(selector).is_displayed() == (other == view), f"{other} in {view}"
        assert board.run("return document.documentElement.scrollWidth <= window.innerWidth")
        assert board.find(f".views [data-view={view}]").get_attribute("aria-current") == "page"
