"""A started Synapse on SQLite, on the loopback and a port of its own: the peer that Hearth is compared with."""

import json
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request


class SynapseProcess:
    """The server with its folder; `start` and `stop` as often as needed."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = None
        self.base_url = None

    @property
    def command(self):
        return [sys.executable, "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml")]

    def configure(self, port):
        high = {"per_second": 1e6, "burst_count": 1_000_000}
        config = {
            "server_name": "localhost", "pid_file": str(self.folder / "pid"), "report_stats": False,
            "listeners": [{"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "resources": [{"names": ["client"]}]}],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "media_store_path": str(self.folder / "media"), "signing_key_path": str(self.folder / "key"),
            "enable_registration": True, "enable_registration_without_verification": True, "bcrypt_rounds": 4,
            "registration_shared_secret": secrets.token_hex(), "macaroon_secret_key": secrets.token_hex(),
            "form_secret": secrets.token_hex(), "trusted_key_servers": [], "presence": {"enabled": False},
            "default_room_version": "11", "federation_domain_whitelist": [],
            "rc_message": high, "rc_registration": high, "rc_presence": {"per_user": high},
            "rc_login": {"address": high, "account": high, "failed_attempts": high},
            "rc_joins": {"local": high, "remote": high}, "rc_joins_per_room": high, "rc_room_creation": high,
            "rc_invites": {"per_room": high, "per_user": high, "per_issuer": high},
            # An initial sync that is repeated would be answered from a cache.
            "caches": {"sync_response_cache_duration": 0},
            "experimental_features": {"msc4222_enabled": True},
            "log_config": str(self.folder / "log.yaml"),
        }
        (self.folder / "homeserver.yaml").write_text(json.dumps(config), encoding="utf-8")
        log = {
            "version": 1, "root": {"level": "WARNING", "handlers": ["file"]},
            "handlers": {"file": {"class": "logging.FileHandler", "filename": str(self.folder / "log")}},
        }
        (self.folder / "log.yaml").write_text(json.dumps(log), encoding="utf-8")

    def start(self):
        # Synapse cannot be asked which port the system chose: where another program took it meanwhile, it tries another.
        for _ in range(5):
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                port = listener.getsockname()[1]
            self.configure(port)
            if not (self.folder / "key").exists():
                subprocess.run([*self.command, "--generate-keys"], check=True, capture_output=True, cwd=self.folder, timeout=60)
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if self.answers(port):
                self.base_url = f"http://127.0.0.1:{port}"
                return self
            self.stop()
        raise RuntimeError("Synapse does not start:\n" + self.log())

    def answers(self, port):
        """Waits for the first answer; false if the server ends instead."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_matrix/client/versions", timeout=5) as response:
                    return b"versions" in response.read()
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False

    def log(self):
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else "it wrote no log"

    def stop(self):
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
