"""The operator's view: for administrators alone, and what it does is done."""

import subprocess

from hearth_process import PASSWORD, binary


def make_administrator(hearth, name):
    """The first administrator is made on the server's machine."""
    words = [binary(), "user", "add", name, "--admin", "--password-stdin", "--data", str(hearth.data)]
    subprocess.run(words, input=PASSWORD + "\n", text=True, check=True, capture_output=True, timeout=60)


def account(board, user_id):
    found = [item for item in board.all("#account-list > li") if user_id in item.text]
    return found[0] if found else None


def operate(hearth, open_board):
    make_administrator(hearth, "root")
    board = open_board().log_in("root")
    board.until_shown("#admin-link")
    board.click("#admin-link")
    board.until_shown("#admin-facts dd")
    return board


def test_others_do_not_see_it(client, open_board):
    client.register("alice")
    board = open_board("/#admin").log_in("alice")
    board.until_shown("#people-title")
    board.wait(lambda: board.run("return location.hash") == "#home", "home instead")
    assert not board.find("#admin-link").is_displayed()
    assert not board.find("#admin").is_displayed()


def test_who_just_came_was_seen_and_who_never_came_was_not(hearth, client, open_board):
    client.register("bob").request("GET", "sync", query={"set_presence": "online", "timeout": "0"})
    client.register("carol")
    hidden = client.register("hidden")
    hidden.request("GET", "sync", query={"set_presence": "online", "timeout": "0"})
    hidden.put_presence("offline")
    board = operate(hearth, open_board)
    board.wait(lambda: account(board, "@hidden:localhost"), "the accounts")
    assert "seen just now" in account(board, "@bob:localhost").text
    assert "seen just now" in account(board, "@hidden:localhost").text
    assert "never seen" in account(board, "@carol:localhost").text


def test_why_is_bob_busy(hearth, client, open_board):
    bob = client.register("bob")
    bob.request("GET", "sync", query={"set_presence": "online", "timeout": "0"})
    bob.put_presence("busy")
    board = operate(hearth, open_board)
    board.wait(lambda: account(board, bob.user_id), "Bob's account")
    account(board, bob.user_id).find_element("css selector", "summary").click()
    board.wait(lambda: "Busy: set by hand" in account(board, bob.user_id).text, "what changed")
    text = account(board, bob.user_id).text
    assert "because a test chose this" in text
    assert "Online: a sync began or ended" in text


def test_accounts_are_found_ended_and_given_new_passwords(hearth, client, open_board):
    bob, carol = client.register("bob"), client.register("carol")
    board = operate(hearth, open_board)
    board.wait(lambda: account(board, bob.user_id), "Bob's account")
    board.fill("#account-search", "carol")
    board.wait(lambda: account(board, carol.user_id) and not account(board, bob.user_id), "Carol alone")
    account(board, carol.user_id).find_element("css selector", "summary").click()
    board.until_shown(".account-actions input[type=password]")
    board.fill(".account-actions input[type=password]", "another secret 7")
    board.click(".account-actions form:first-child button")
    board.wait(lambda: not board.all(".account-actions"), "done")
    carol.request("GET", "account", "whoami", status=401)
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "carol"}, "password": "another secret 7"}
    client.request("POST", "login", body=login)

    account(board, carol.user_id).find_element("css selector", "summary").click()
    board.until_shown(".account-actions form:last-child input")
    board.fill(".account-actions form:last-child input", bob.user_id)
    board.click(".account-actions form:last-child button")
    board.until_shown("#trouble")
    client.request("POST", "login", body=login)
    board.fill(".account-actions form:last-child input", carol.user_id)
    board.click(".account-actions form:last-child button")
    board.wait(lambda: (found := account(board, carol.user_id)) and "ended" in found.text, "ended")
    client.request("POST", "login", body=login, status=403)


def test_a_registration_token_is_made_and_made_void(hearth, open_board):
    board = operate(hearth, open_board)
    board.fill("#token-uses", "3")
    board.click("#token-form button")
    board.wait(lambda: "0 of 3 used" in board.text("#token-list"), "the token")
    token = board.text("#token-list code")
    assert token in board.find("#token-list button").get_attribute("aria-label")
    board.click("#token-list button")
    board.wait(lambda: not board.all("#token-list li"), "void")
