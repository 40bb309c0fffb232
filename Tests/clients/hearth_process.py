"""A started `hearth` on a port of its own, and a small client for it over plain HTTP."""

import itertools
import json
import os
import pathlib
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from recording_proxy import RecordingProxy

PASSWORD = "correct horse battery staple"


def binary():
    path = os.environ.get("HEARTH_BINARY")
    if not path or not os.access(path, os.X_OK):
        raise RuntimeError(f"HEARTH_BINARY names no program ({path}). Run `make test`, or build and name the binary there.")
    return path


class HearthProcess:
    """The server with its data directory: `start` and `stop` as often as needed, commands in between."""

    def __init__(self, folder, settings=None):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.settings = {"accounts.password_cost": "4", "rate_limits.enabled": "false"} | (settings or {})
        self.process = None
        self.base_url = None
        self.proxy = None

    def start(self):
        # Started again, it listens where it did: its clients come back by themselves.
        address = self.base_url.removeprefix("http://") if self.base_url else "127.0.0.1:0"
        words = [binary(), "serve", "--server-name", "localhost", "--listen", address, "--data", str(self.data), "--open-registration"]
        for key, value in self.settings.items():
            words += ["--set", f"{key}={value}"]
        with open(self.folder / "stderr.log", "ab") as errors:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        for line in self.process.stdout:
            if match := re.search(r"listening on (http://\S+)", line):
                self.base_url = match[1]
                if folder := os.environ.get("HEARTH_RECORD"):
                    self.proxy = RecordingProxy(self.base_url, folder)
                    self.base_url = self.proxy.base_url
                return self
        status = self.process.wait()
        raise RuntimeError(f"the server ended with {status} before it listened:\n{self.errors()}")

    def stop(self):
        """Asks the server to end and returns its exit status; kills it if it does not end."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        if self.proxy is not None:
            self.proxy.stop()
            self.proxy = None
        process.terminate()
        try:
            return process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f"the server still ran 30 s after SIGTERM and was killed:\n{self.errors()}") from None
        finally:
            process.stdout.close()

    def kill(self):
        """Ends the server as a power cut would."""
        process, self.process = self.process, None
        process.kill()
        process.wait()
        process.stdout.close()
        if self.proxy is not None:
            self.proxy.stop()
            self.proxy = None

    def command(self, *words):
        """Runs another command of the binary on this data directory and returns its lines."""
        done = subprocess.run(
            [binary(), *words, "--data", str(self.data)], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"hearth {' '.join(words)} ended with {done.returncode}: {done.stderr.decode()}"
        return done.stdout.decode("utf-8").split("\n")[:-1]

    def errors(self):
        return (self.folder / "stderr.log").read_text(encoding="utf-8", errors="replace")


class UnexpectedStatus(AssertionError):
    pass


class Client:
    """Plain HTTP as one user, or as nobody."""

    transactions = itertools.count()

    def __init__(self, base_url, token=None, user_id=None):
        self.base_url, self.token, self.user_id = base_url, token, user_id

    def request(self, method, *path, body=None, query=None, status=200):
        """The JSON that the server answers below `/_matrix/client/v3`; each part of the path is one component of it."""
        url = self.base_url + "/_matrix/client/v3/" + "/".join(urllib.parse.quote(part, safe="") for part in path)
        if query:
            url += "?" + urllib.parse.urlencode(query)
        request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                got, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            got, text = error.code, error.read()
        if got != status:
            raise UnexpectedStatus(f"{method} {url}: expected {status}, got {got}: {text.decode(errors='replace')}")
        return json.loads(text)

    def register(self, name):
        body = {"username": name, "password": PASSWORD, "auth": {"type": "m.login.dummy"}, "initial_device_display_name": "a test"}
        answer = self.request("POST", "register", body=body)
        return Client(self.base_url, answer["access_token"], answer["user_id"])

    def create_room(self, **body):
        return self.request("POST", "createRoom", body=body)["room_id"]

    def join(self, room):
        return self.request("POST", "join", room, body={})["room_id"]

    def send(self, room, event_type, content):
        transaction = f"t{next(self.transactions)}"
        return self.request("PUT", "rooms", room, "send", event_type, transaction, body=content)["event_id"]

    def redact(self, room, event_id):
        transaction = f"t{next(self.transactions)}"
        return self.request("PUT", "rooms", room, "redact", event_id, transaction, body={})["event_id"]

    def set_state(self, room, event_type, content, key=""):
        return self.request("PUT", "rooms", room, "state", event_type, key, body=content)["event_id"]

    def put_presence(self, presence, **fields):
        self.request("PUT", "presence", self.user_id, "status", body={"presence": presence, **fields})

    def profile_room(self):
        """The id of one's profile room."""
        return self.request("GET", "directory", "room", f"#{self.user_id}")["room_id"]
