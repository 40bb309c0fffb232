"""A thousand people, twenty changes a second, and a page that answers all the while."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

PEOPLE, RATE, SECONDS = 1000, 20, 8
LONGEST = 100
# The browser counts the time by the clock on the wall: a page that is slow is slow every time, while a machine that does something
# else as well makes any task long now and then. So each phase has to be without a long task in one of the rounds.
ROUNDS = 4


def crowd(client):
    """A thousand users, online, in one room with alice."""
    alice = client.register("alice")
    room = alice.create_room(preset="public_chat", name="Campus")

    def enter(number):
        user = client.register(f"u{number:04}")
        user.join(room)
        user.request("GET", "sync", query={"set_presence": "online", "timeout": "0", "filter": '{"room":{"rooms":[]}}'})
        return user

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(enter, range(PEOPLE)))


def change(users, ended):
    """Twenty changes a second, evenly, over all of them; returns how many there were."""
    made = 0
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        while not ended.is_set():
            pool.submit(users[(made * 7) % len(users)].put_presence, ["busy", "offline", "online"][made % 3])
            made += 1
            ended.wait(max(0, started + made / RATE - time.monotonic()))
    return made


def search(board, text):
    board.run("const field = document.querySelector('#search'); field.value = arguments[0]; field.dispatchEvent(new Event('input'))", text)


def arrive(open_board):
    """Logs in and waits until the presence of everybody is there; returns the page and its long tasks."""
    board = open_board()
    board.until_shown("#login-form")
    board.run(
        """
        window.longTasks = [];
        const note = (list) => window.longTasks.push(...list.getEntries().map((task) => Math.round(task.duration)));
        new PerformanceObserver(note).observe({ type: 'longtask' });
        """)
    board.log_in("alice")
    shown = "return [...document.querySelectorAll('.count')].reduce((sum, count) => sum + Number(count.textContent), 0)"
    board.wait(lambda: board.run(shown) == PEOPLE and "not shown" not in board.text("#counts"), "everybody's presence", 90)
    return board, long_tasks(board)


def long_tasks(board):
    return board.run("return window.longTasks.splice(0)")


def watch_changes(board, users):
    """Long tasks while people change, and one searches and scrolls."""
    ended, seen = threading.Event(), set()
    with ThreadPoolExecutor(1) as pool:
        changes = pool.submit(change, users, ended)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            seen.add(board.text("#counts"))
            time.sleep(0.2)
        search(board, "9")
        time.sleep(0.5)
        search(board, "")
        board.run("scrollTo(0, document.body.scrollHeight)")
        time.sleep(0.5)
        ended.set()
        made = changes.result()
    assert made >= RATE * SECONDS * 0.8, "too few changes to show anything"
    assert len(seen) >= SECONDS / 2, "the board did not follow"
    return long_tasks(board)


def test_no_task_of_the_page_takes_longer_than_100_ms(client, open_board):
    users = crowd(client)
    best = {"arrival": None, "changes": None}
    for done in range(ROUNDS):
        if done:
            board.click("#logout")
            board.until_shown("#login-form")
        board, arrival = arrive(open_board)
        measured = {"arrival": arrival, "changes": watch_changes(board, users)}
        print(f"long tasks in ms: {measured}")
        for phase, tasks in measured.items():
            longest = max(tasks, default=0)
            best[phase] = longest if best[phase] is None else min(longest, best[phase])
        if max(best.values()) <= LONGEST:
            break
    assert max(best.values()) <= LONGEST, f"the longest task of each phase, in the best of {ROUNDS} rounds: {best} ms"
    users[42].put_presence("busy")
    search(board, users[42].user_id)
    board.until_seen(users[42].user_id, presence="busy")
