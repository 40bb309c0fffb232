"""Coming in and going out."""

import urllib.error
import urllib.request

from board_page import DESKTOP
from hearth_process import PASSWORD


def stored(board):
    return board.run("return [sessionStorage, localStorage].map((storage) => storage.getItem('hearth.session') !== null)")


def test_a_wrong_password_is_said_in_words_and_the_right_one_lets_in(client, open_board):
    client.register("alice")
    board = open_board()
    board.until_shown("#login-form")
    board.fill("#login-user", "alice")
    board.fill("#login-password", "wrong")
    board.click("#login-submit")
    board.wait(lambda: board.text("#login-error"), "an error")
    assert board.text("#login-error") == "The user name or the password is wrong."
    board.log_in("alice")
    assert board.text("#you-id") == "@alice:localhost"
    assert stored(board) == [True, False], "kept for this tab alone"


def test_who_stays_logged_in_is_there_after_the_tab_was_closed(client, open_board):
    client.register("alice")
    board = open_board().log_in("alice", stay=True)
    assert stored(board) == [False, True]
    board.driver.switch_to.new_window("tab")
    board.resize(DESKTOP)
    board.open()
    board.until_shown("#board")
    assert board.text("#you-id") == "@alice:localhost"


def test_who_logs_out_leaves_neither_token_nor_device(client, open_board):
    alice = client.register("alice")
    board = open_board().log_in("alice", stay=True)
    token = board.run("return JSON.parse(localStorage.getItem('hearth.session')).token")
    assert len(alice.request("GET", "devices")["devices"]) == 2
    board.click("#logout")
    board.until_shown("#login-form")
    assert stored(board) == [False, False]
    assert len(alice.request("GET", "devices")["devices"]) == 1
    type(alice)(alice.base_url, token).request("GET", "account", "whoami", status=401)


def test_an_account_is_made_where_registration_is_open(open_board):
    board = open_board()
    board.until_shown("#login-form")
    board.click("#login-switch")
    board.wait(lambda: board.text("#login-submit") == "Create account", "the form for a new account")
    board.fill("#login-user", "Not A Name")
    board.fill("#login-password", PASSWORD)
    board.click("#login-submit")
    board.wait(lambda: "small letters" in board.text("#login-error"), "the error in words")
    board.fill("#login-user", "newcomer")
    board.fill("#login-password", PASSWORD)
    board.click("#login-submit")
    board.until_shown("#board")
    assert board.text("#you-id") == "@newcomer:localhost"


def test_the_page_comes_with_its_policy_and_can_be_switched_off(start_hearth):
    hearth = start_hearth()
    with urllib.request.urlopen(hearth.base_url + "/") as answer:
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert "Access-Control-Allow-Origin" not in answer.headers
    off = start_hearth({"board.enabled": "false"})
    try:
        urllib.request.urlopen(off.base_url + "/")
    except urllib.error.HTTPError as error:
        assert error.code == 404
        assert b"M_UNRECOGNIZED" in error.read()
    else:
        raise AssertionError("the page was served")
