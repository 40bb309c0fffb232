"""A client's requests as they go over the wire: one connection that is kept, JSON in and JSON out."""

import http.client
import itertools
import json
import urllib.parse

PASSWORD = "correct horse battery staple"


class Connection:
    """Requests to one server, one after the other. Reconnects by itself: servers are started again in between."""

    def __init__(self, base_url):
        self.base_url = base_url
        self.connection = None

    def exchange(self, method, target, body, headers, seconds=60):
        """The status and the bytes that come back."""
        for attempt in itertools.count():
            if self.connection is None:
                address = urllib.parse.urlsplit(self.base_url)
                self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=seconds)
            try:
                self.connection.request(method, target, body=body, headers=headers)
                response = self.connection.getresponse()
                return response.status, response.read()
            except (http.client.HTTPException, ConnectionError):
                # A connection that was kept may have ended with the server that it went to.
                self.close()
                if attempt == 1:
                    raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class ServerFault(AssertionError):
    """An answer that no request may get."""


class Session:
    """One device of one user. `request` returns status and JSON, whatever the status; a 5xx alone is a fault."""

    def __init__(self, connection, user_id, device_id, token):
        self.connection, self.user_id, self.device_id, self.token = connection, user_id, device_id, token

    @classmethod
    def register(cls, connection, name):
        body = {"username": name, "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
        return cls.opened(connection, "register", body)

    @classmethod
    def login(cls, connection, name):
        identifier = {"type": "m.id.user", "user": name}
        return cls.opened(connection, "login", {"type": "m.login.password", "identifier": identifier, "password": PASSWORD})

    @classmethod
    def opened(cls, connection, path, body):
        answer = cls(connection, None, None, None).ask("POST", path, body=body)
        return cls(connection, answer["user_id"], answer["device_id"], answer["access_token"])

    def request(self, method, *path, body=None, query=None):
        target = "/_matrix/client/v3/" + "/".join(urllib.parse.quote(part, safe="") for part in path)
        if query:
            target += "?" + urllib.parse.urlencode(query)
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is None and method != "GET":
            body = {}
        status, text = self.connection.exchange(method, target, None if body is None else json.dumps(body), headers)
        if status >= 500:
            raise ServerFault(f"{method} {target}: {status} {text[:400]!r}")
        return status, json.loads(text)

    def ask(self, method, *path, body=None, query=None):
        """The JSON of an answer that has to be a 200."""
        status, answer = self.request(method, *path, body=body, query=query)
        if status != 200:
            raise ServerFault(f"{method} {'/'.join(path)} {query or ''}: {status} {answer}")
        return answer
