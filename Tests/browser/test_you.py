"""One's own presence and status, and who may see them."""

import json
import time
import urllib.parse
import urllib.request

import pytest
from hearth_process import UnexpectedStatus

HOUR = 3_600_000


def own_view(user):
    """GET io.hearth presence status: docs/clients.md."""
    name = urllib.parse.quote(user.user_id)
    request = urllib.request.Request(f"{user.base_url}/_matrix/client/unstable/io.hearth/presence/{name}/status")
    request.add_header("Authorization", f"Bearer {user.token}")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def choice(board):
    pressed = [button.get_attribute("data-choice") for button in board.all("#choices [aria-pressed=true]")]
    return pressed[0] if len(pressed) == 1 else pressed


def choose(board, word):
    board.click(f"#choices [data-choice={word}]")


def test_the_board_itself_counts_as_a_device_in_use_and_says_so(client, open_board):
    client.register("alice")
    board = open_board().log_in("alice")
    board.wait(lambda: "You are online" in board.text("#you-now"), "online")
    assert "Hearth board" in board.text("#you-why")
    assert board.text("#you-why").endswith("in use.")
    assert choice(board) == "automatic"
    board.click("#devices summary")
    board.wait(lambda: "this page" in board.text("#device-list"), "the devices")


@pytest.mark.parametrize("word", ["busy", "unavailable", "offline"])
def test_a_choice_holds_for_an_hour_and_automatic_ends_it(client, open_board, word):
    alice = client.register("alice")
    board = open_board().log_in("alice")
    board.wait(lambda: choice(board) == "automatic", "automatic")
    board.choose("#choice-until", "1h")
    before = time.time() * 1000
    choose(board, word)
    board.wait(lambda: "you chose this" in board.text("#you-why"), "the reason")
    view = own_view(alice)
    assert view["presence"] == word
    assert view["io.hearth.manual"]["presence"] == word
    assert before + HOUR - 1000 <= view["io.hearth.manual"]["expires_ts"] <= time.time() * 1000 + HOUR + 1000
    assert choice(board) == word
    assert (board.text("#you-now") + board.text("#you-why")).count("until") == 1
    choose(board, "automatic")
    board.wait(lambda: own_view(alice)["io.hearth.manual"] is None, "cleared")
    board.wait(lambda: "You are online" in board.text("#you-now"), "online again")


def log_in(alice, client, name):
    """Another device of Alice's."""
    answer = client.request("POST", "login", body={
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": "alice"}, "password": "correct horse battery staple",
        "initial_device_display_name": name,
    })
    return type(alice)(alice.base_url, answer["access_token"])


def put_bare(device, user, presence):
    """What a program puts by itself."""
    device.request("PUT", "presence", user.user_id, "status", body={"presence": presence})


def test_the_page_says_who_hides_the_user_and_ends_just_that(client, open_board):
    alice = client.register("alice")
    phone, tablet = log_in(alice, client, "Phone"), log_in(alice, client, "Tablet")
    board = open_board().log_in("alice")
    board.wait(lambda: choice(board) == "automatic", "automatic")
    assert not board.find("#hiders").is_displayed()
    put_bare(phone, alice, "offline")
    put_bare(tablet, alice, "offline")
    choose(board, "offline")
    board.wait(lambda: len(board.all("#hiders li")) == 3, "all three")
    assert "You chose to appear offline." in board.text("#hiders")
    assert "Phone makes you appear offline." in board.text("#hiders")

    def end(words):
        row = next(row for row in board.all("#hiders li") if words in row.text)
        row.find_element("css selector", "button").click()
        board.wait(lambda: words not in board.text("#hiders"), f"{words} is ended")

    end("You chose")
    assert choice(board) == "automatic"
    assert [entry["by"] for entry in own_view(alice)["io.hearth.choices"]] == ["device", "device"]
    end("Phone")
    assert own_view(alice)["presence"] == "offline"
    end("Tablet")
    board.wait(lambda: "You are online" in board.text("#you-now"), "online again")
    assert own_view(alice)["io.hearth.choices"] == []


def test_the_page_says_which_device_chose(client, open_board):
    alice = client.register("alice")
    phone = log_in(alice, client, "Phone")
    board = open_board().log_in("alice")
    board.wait(lambda: choice(board) == "automatic", "automatic")
    put_bare(phone, alice, "busy")
    board.wait(lambda: board.text("#you-why").startswith("because Phone chose this"), "the reason")
    assert choice(board) == "automatic", "the buttons are the user's own choice"


def test_busy_because_another_device_is_on_a_call(client, open_board):
    alice = client.register("alice")
    phone = client.request("POST", "login", body={
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": "alice"}, "password": "correct horse battery staple",
        "initial_device_display_name": "Phone",
    })
    board = open_board().log_in("alice")
    board.wait(lambda: choice(board) == "automatic", "automatic")
    type(alice)(alice.base_url, phone["access_token"]).request("GET", "sync", query={"set_presence": "busy", "timeout": "0"})
    board.wait(lambda: board.text("#you-why") == "because Phone is on a call.", "the reason")
    assert board.text("#you-now").startswith("You are busy")


def test_a_page_that_nobody_looks_at_says_unavailable(client, open_board):
    alice = client.register("alice")
    board = open_board().log_in("alice")
    board.wait(lambda: own_view(alice)["presence"] == "online", "online")
    alice_board = [source for source in own_view(alice)["io.hearth.sources"] if "Hearth board" in source.get("display_name", "")]
    assert alice_board[0]["presence"] == "online" and alice_board[0]["explicit"]
    board.run("Object.defineProperty(document, 'hidden', {value: true}); document.dispatchEvent(new Event('visibilitychange'))")

    def claims_unavailable():
        return any(source.get("presence") == "unavailable" and "Hearth board" in source.get("display_name", "")
                   for source in own_view(alice)["io.hearth.sources"])

    board.wait(claims_unavailable, "the claim of the page")


def test_a_status_is_set_with_its_end_and_cleared(client, open_board):
    alice = client.register("alice")
    board = open_board().log_in("alice")
    board.wait(lambda: choice(board) == "automatic", "the page is ready")
    board.click("#status-presets button:nth-child(2)")
    board.fill("#status-text", "Lunch at Ana’s")
    board.choose("#status-until", "30m")
    before = time.time() * 1000
    board.click("#status-form button[type=submit]")
    board.wait(lambda: "Lunch at Ana’s" in board.text("#you-status"), "one's own status")
    status = alice.request("GET", "profile", alice.user_id, "m.status")["m.status"]
    assert (status["text"], status["emoji"]) == ("Lunch at Ana’s", "🍽️")
    assert before + HOUR / 2 - 1000 <= status["io.hearth.expires_ts"] <= time.time() * 1000 + HOUR / 2
    assert "until" in board.text("#you-status")
    board.click("#status-clear")
    board.wait(lambda: not board.find("#you-status").is_displayed(), "cleared")
    alice.request("GET", "profile", alice.user_id, "m.status", status=404)


def test_a_status_that_is_too_long_is_refused_in_words(client, open_board):
    client.register("alice")
    board = open_board().log_in("alice")
    board.wait(lambda: choice(board) == "automatic", "the page is ready")
    board.fill("#status-text", "ж" * 200)
    board.click("#status-form button[type=submit]")
    board.until_shown("#trouble")
    assert board.text("#trouble-text") == "That is too long for a status. Shorten it."


def test_who_shares_with_nobody_vanishes_for_the_other_at_once_and_comes_back(client, open_board):
    alice, bob = client.register("alice"), client.register("bob")
    room = alice.create_room(preset="public_chat", name="Kitchen")
    bob.join(room)
    bobs = open_board().log_in("bob")
    alices = open_board().log_in("alice")
    bobs.until_seen(alice.user_id, presence="online")
    alices.click("#audience-default [value=nobody]")
    assert bobs.row(alice.user_id)["presence"] == "online", "nothing holds before it is saved"
    alices.click("#audience-save")
    assert bobs.until_seen(alice.user_id, presence="none") < 1.5
    assert alice.request("GET", "user", alice.user_id, "account_data", "m.presence.sharing") == {"io.hearth.default": "nobody"}
    alices.click("#audience-default [value=everyone]")
    alices.click("#audience-save")
    bobs.until_seen(alice.user_id, presence="online", patience=5)


def test_never_hides_from_one_person_and_keeps_what_other_clients_set(client, open_board):
    alice, bob = client.register("alice"), client.register("bob")
    policy = {"io.hearth.default": "everyone", "servers": {"noisy.example": "deny"}, "org.example.other": 1}
    alice.request("PUT", "user", alice.user_id, "account_data", "m.presence.sharing", body=policy)
    board = open_board().log_in("alice")
    board.wait(lambda: board.find("#audience-default [value=everyone]").is_selected(), "the policy")
    board.fill("#exception-user", bob.user_id)
    board.click("#exception-form [value=deny]")
    board.wait(lambda: bob.user_id in board.text("#exceptions"), "the exception")
    saved = alice.request("GET", "user", alice.user_id, "account_data", "m.presence.sharing")
    assert saved == policy | {"users": {bob.user_id: "deny"}}
    bob.request("GET", "presence", alice.user_id, "status", status=403)
    board.click("#exceptions button")
    board.wait(lambda: board.text("#exceptions") == "", "forgotten")
    board.wait(lambda: can_see(bob, alice), "Bob sees Alice")


def can_see(viewer, owner):
    try:
        viewer.request("GET", "presence", owner.user_id, "status")
    except UnexpectedStatus:
        return False
    return True


POLICIES = [
    {}, {"io.hearth.default": "everyone"}, {"io.hearth.default": "shared_rooms"}, {"io.hearth.default": "local"},
    {"io.hearth.default": "nobody"}, {"io.hearth.default": "sometimes"}, {"io.hearth.default": 7}, {"io.hearth.default": None},
    {"users": {"@mate:localhost": "deny"}, "io.hearth.default": "everyone"}, {"users": {"@mate:localhost": "deny"}},
    {"users": {"@stranger:localhost": "allow"}, "io.hearth.default": "nobody"}, {"users": {"@stranger:localhost": "allow"}},
    {"users": {"@mate:localhost": "perhaps"}, "io.hearth.default": "everyone"}, {"users": []}, {"users": "x", "io.hearth.default": "everyone"},
    {"users": {}}, {"users": None}, {"servers": {"localhost": "deny"}, "io.hearth.default": "everyone"}, {"servers": 5},
    {"servers": {"localhost": "deny"}, "users": {"@mate:localhost": "allow"}, "io.hearth.default": "everyone"},
    {"share_locally": True}, {"share_locally": True, "io.hearth.default": "nobody"}, {"share_locally": "yes"}, {"share_locally": False},
    {"rooms": {}}, {"rooms": {"ROOM": "allow"}}, {"rooms": {"SUGGESTING": "allow"}}, {"rooms": {"SUGGESTING": "deny"}},
    {"servers": {"localhost": "deny"}, "rooms": {"SUGGESTING": "allow"}},
]


def test_what_the_preview_computes_is_what_the_server_does(client, open_board):
    """Every policy is set, and asked of the server as three viewers; the page has to say the same beforehand."""
    alice, mate, stranger, friend = (client.register(name) for name in ["alice", "mate", "stranger", "friend"])
    room = alice.create_room(preset="public_chat")
    suggesting = alice.create_room(preset="private_chat", invite=[friend.user_id])
    alice.set_state(suggesting, "m.room.presence_sharing", {"presence_sharing": "suggest"})
    mate.join(room)
    friend.join(suggesting)
    alice.put_presence("busy")
    board = open_board()
    board.until_shown("#login-form")
    for policy in POLICIES:
        if "rooms" in policy:
            policy = policy | {"rooms": {{"ROOM": room, "SUGGESTING": suggesting}[key]: value for key, value in policy["rooms"].items()}}
        alice.request("PUT", "user", alice.user_id, "account_data", "m.presence.sharing", body=policy)
        for viewer, rooms in [(mate, [room]), (stranger, []), (friend, [suggesting])]:
            computed = board.await_script(
                """
                const { decide, readPolicy } = await import('/board/policy.js');
                const [content, owner, id, rooms, suggesting] = args;
                return decide(readPolicy(content), owner, { id, rooms, isPublic: () => true, suggests: (room) => room === suggesting }).sees;
                """,
                policy, alice.user_id, viewer.user_id, rooms, suggesting)
            assert computed == can_see(viewer, alice), f"{policy} for {viewer.user_id}"


def test_the_preview_shows_what_a_draft_would_do(client, open_board):
    client.register("alice")
    board = open_board().log_in("alice")
    shown = lambda: board.run("return document.querySelector('#preview .person')?.dataset.presence")  # noqa: E731
    board.wait(lambda: shown() == "online", "as a room mate sees it")
    board.choose("#preview-as", "stranger")
    assert shown() == "none"
    board.click("#audience-default [value=local]")
    assert shown() == "online"
    board.click("#audience-default [value=nobody]")
    assert shown() == "none"
    board.click("#audience-undo")
    assert not board.find("#audience-save-line").is_displayed()
    assert board.find("#audience-default [value='']").is_selected()
