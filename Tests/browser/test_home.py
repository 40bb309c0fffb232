"""Who is home: others as they are, and as they change."""

import time

from hearth_process import Client

SOON = 1.5


def in_one_room(client, *names):
    users = [client.register(name) for name in names]
    room = users[0].create_room(preset="public_chat", name="Kitchen")
    for user in users[1:]:
        user.join(room)
    return [*users, room]


def online(user):
    user.request("GET", "sync", query={"set_presence": "online", "timeout": "0"})


def test_another_turns_busy_and_the_board_shows_it_within_a_second_and_a_half(client, open_board):
    alice, bob, _ = in_one_room(client, "alice", "bob")
    online(bob)
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id, presence="online")
    for presence, shown in [("busy", "busy"), ("online", "online"), ("offline", "offline"), ("busy", "busy")]:
        time.sleep(1)
        bob.put_presence(presence)
        assert board.until_seen(bob.user_id, presence=shown) < SOON
    heading = board.find("section[aria-labelledby=group-busy] h2")
    assert heading.text.split() == ["Busy", "1"]
    assert board.text("#counts") == "1 busy"


def test_a_status_comes_with_emoji_text_and_end_and_goes_again(client, open_board):
    alice, bob, _ = in_one_room(client, "alice", "bob")
    online(bob)
    board = open_board().log_in("alice")
    end = int(time.time() * 1000) + 5000
    status = {"text": "out at the dentist", "emoji": "🦷", "io.hearth.expires_ts": end}
    bob.set_state(bob.profile_room(), "m.status", status)
    board.until_seen(bob.user_id, status="🦷 out at the dentist")
    assert board.row(bob.user_id)["until"].startswith("until ")
    board.until_seen(bob.user_id, status=None)
    assert time.time() * 1000 >= end - 100


def test_a_change_of_name_is_shown(client, open_board):
    alice, bob, _ = in_one_room(client, "alice", "bob")
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id, name="bob")
    bob.request("PUT", "profile", bob.user_id, "displayname", body={"displayname": "Bob Martínez"})
    board.until_seen(bob.user_id, name="Bob Martínez")


def test_people_come_and_go_with_their_rooms(client, open_board):
    alice, bob, room = in_one_room(client, "alice", "bob")
    carol = client.register("carol")
    online(carol)
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id)
    assert board.row(carol.user_id) is None
    carol.join(room)
    board.until_seen(carol.user_id, presence="online")
    carol.request("POST", "rooms", room, "leave", body={})
    board.wait(lambda: board.row(carol.user_id) is None, "Carol is gone")


def test_the_list_is_searched_by_name_and_by_room(client, open_board):
    alice, bob, room = in_one_room(client, "alice", "bob")
    carol = client.register("carol")
    carol.join(room)
    other = alice.create_room(preset="public_chat", name="Workshop")
    carol.join(other)
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id)
    board.until_seen(carol.user_id)
    board.fill("#search", "BO")
    board.wait(lambda: board.row(carol.user_id) is None, "Carol is filtered away")
    assert board.row(bob.user_id)
    board.run("const s = document.querySelector('#search'); s.value = ''; s.dispatchEvent(new Event('input'))")
    board.until_seen(carol.user_id)
    board.choose("#room-filter", other)
    board.wait(lambda: board.row(bob.user_id) is None, "Bob is filtered away")
    assert board.row(carol.user_id)


def test_somebody_without_a_common_room_is_found_added_and_still_there_after_a_reload(client, open_board):
    client.register("alice")
    bob = client.register("bob")
    bob.request("PUT", "user", bob.user_id, "account_data", "m.presence.sharing", body={"io.hearth.default": "everyone"})
    online(bob)
    board = open_board().log_in("alice")
    board.until_shown("#nobody")
    board.fill("#search", "bob")
    board.until_shown("#found-list button")
    board.click("#found-list button")
    board.run("const s = document.querySelector('#search'); s.value = ''; s.dispatchEvent(new Event('input'))")
    board.until_seen(bob.user_id, presence="online")
    board.driver.refresh()
    board.until_seen(bob.user_id, presence="online")


def test_peeks_are_renewed_before_they_expire(start_hearth, open_board):
    short = start_hearth({"peek.lifetime": "3s"})
    alice, bob, _ = in_one_room(Client(short.base_url), "alice", "bob")
    online(bob)
    board = open_board(server=short).log_in("alice")
    board.until_seen(bob.user_id, presence="online")
    board.run("window.shown = []; setInterval(() => window.shown.push(document.querySelector('#groups .person').dataset.presence), 50)")
    time.sleep(8)
    assert set(board.run("return window.shown")) == {"online"}, "the peek was gone for a while"
    bob.put_presence("busy")
    assert board.until_seen(bob.user_id, presence="busy") < SOON


def test_the_connection_is_lost_and_heals_by_itself(hearth, client, open_board):
    alice, bob, _ = in_one_room(client, "alice", "bob")
    online(bob)
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id, presence="online")
    assert hearth.stop() == 0
    board.until_shown("#connection")
    assert "No connection" in board.text("#connection")
    assert board.row(bob.user_id), "what was known is still shown"
    hearth.start()
    board.wait(lambda: not board.find("#connection").is_displayed(), "the connection is back", 60)
    bob.put_presence("busy")
    board.until_seen(bob.user_id, presence="busy")


def test_a_session_that_was_ended_elsewhere_says_so(client, open_board):
    alice = client.register("alice")
    board = open_board().log_in("alice")
    board.until_shown("#nobody")
    alice.request("POST", "logout", "all", body={})
    board.until_shown("#login-form")
    assert "logged out" in board.text("#login-error")
    assert board.run("return sessionStorage.getItem('hearth.session')") is None
