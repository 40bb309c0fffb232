"""People whom one ignores, and who in the same step lose the sight of oneself."""

LIST = "m.ignored_user_list"


def account_data(user, kind):
    return user.request("GET", "user", user.user_id, "account_data", kind)


def ignored(board):
    return [node.text for node in board.all("#ignored .name")]


def household(client):
    alice, bob = client.register("alice"), client.register("bob")
    bob.join(alice.create_room(preset="public_chat", name="Kitchen"))
    bob.put_presence("busy")
    return alice, bob


def test_whoever_is_ignored_is_seen_no_more_until_that_ends(client, open_board):
    alice, bob = household(client)
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id, presence="busy")
    board.fill("#ignore-user", bob.user_id)
    board.click("#ignore-form button")
    board.until_seen(bob.user_id, presence="none", meta="You ignore them")
    assert ignored(board) == [bob.user_id]
    assert account_data(alice, LIST) == {"ignored_users": {bob.user_id: {}}}
    assert board.find("#ignore-user").get_attribute("value") == ""
    bob.put_presence("online")
    # Another browser of hers is told, too, and ends it.
    other = open_board().log_in("alice")
    other.until_seen(bob.user_id, presence="none", meta="You ignore them")
    other.click("#ignored button")
    board.until_seen(bob.user_id, presence="online")
    other.until_seen(bob.user_id, presence="online")
    assert ignored(board) == [] and account_data(alice, LIST) == {"ignored_users": {}}


def test_one_is_hidden_from_whom_one_ignores_in_the_same_step(client, open_board):
    alice, bob = household(client)
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id, presence="busy")
    board.fill("#ignore-user", bob.user_id)
    board.click("#ignore-hide")
    board.click("#ignore-form button")
    board.wait(lambda: "first choose and save" in board.text("#trouble-text"), "a hint: what holds for all others is not said")
    assert ignored(board) == []
    board.click("#trouble-close")
    board.click("#audience-default [value=shared_rooms]")
    board.click("#audience-save")
    board.wait(lambda: "Saved" in board.text("#audience-note"), "saved")
    assert bob.request("GET", "presence", alice.user_id, "status")["presence"] == "online"
    board.click("#ignore-form button")
    board.wait(lambda: ignored(board) == [bob.user_id], "ignored")
    board.wait(lambda: bob.user_id in board.text("#exceptions"), "never")
    assert account_data(alice, "m.presence.sharing")["users"] == {bob.user_id: "deny"}
    bob.request("GET", "presence", alice.user_id, "status", status=403)
    # To ignore no longer shows nothing of oneself.
    board.click("#ignored button")
    board.wait(lambda: ignored(board) == [], "the end")
    assert account_data(alice, "m.presence.sharing")["users"] == {bob.user_id: "deny"}


def test_what_is_no_user_id_is_refused_in_words_and_lists_of_other_clients_are_read_as_the_server_reads_them(client, open_board):
    alice, bob = household(client)
    strange = {"ignored_users": {bob.user_id: True, "nobody": {}, alice.user_id: {}, "@x:y": {"added": 1}}, "org.example": 7}
    alice.request("PUT", "user", alice.user_id, "account_data", LIST, body=strange)
    board = open_board().log_in("alice")
    board.until_seen(bob.user_id, presence="busy")
    board.wait(lambda: ignored(board) == ["@x:y"], "the one entry that counts")
    for text, words in [("bob", "A user id looks like"), (alice.user_id, "That is you")]:
        board.fill("#ignore-user", text)
        board.click("#ignore-form button")
        board.wait(lambda words=words: words in board.text("#trouble-text"), words)
        board.click("#trouble-close")
    board.fill("#ignore-user", bob.user_id)
    board.click("#ignore-form button")
    board.until_seen(bob.user_id, presence="none")
    stored = account_data(alice, LIST)
    assert stored["org.example"] == 7 and stored["ignored_users"]["@x:y"] == {"added": 1} and stored["ignored_users"][bob.user_id] == {}
