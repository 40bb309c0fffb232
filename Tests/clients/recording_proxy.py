"""A proxy in front of a server that writes down what clients ask and are answered, for `scripts/check-api`."""

import asyncio
import json
import os
import pathlib
import threading

import aiohttp
import yarl
from aiohttp import web

# These belong to one connection and not to the message (RFC 9110, section 7.6.1); the lengths are made anew.
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "accept-encoding"}


class RecordingProxy:
    """Passes everything on to `target`, from a thread of its own. Its `base_url` stands until `stop`."""

    def __init__(self, target, folder):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.target = target
        self.file = open(folder / f"clients-{os.getpid()}.jsonl", "a", encoding="utf-8")
        self.loop = asyncio.new_event_loop()
        self.base_url = None
        ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ready,), daemon=True)
        self.thread.start()
        if not ready.wait(30):
            raise RuntimeError("the recording proxy did not start")

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.open())
        ready.set()
        self.loop.run_forever()

    async def open(self):
        # The target speaks for itself: no redirects, no decompression, no time-outs of our own.
        self.session = aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None))
        application = web.Application(client_max_size=1 << 30)
        application.router.add_route("*", "/{path:.*}", self.pass_on)
        self.runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def close(self):
        await self.runner.cleanup()
        await self.session.close()

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)
        self.loop.close()
        self.file.close()

    async def pass_on(self, request):
        body = await request.read()
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in OF_THE_CONNECTION]
        url = yarl.URL(self.target + request.raw_path, encoded=True)
        async with self.session.request(request.method, url, data=body or None, headers=headers, allow_redirects=False) as answer:
            answered = await answer.read()
            self.record(request, body, answer, answered)
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in OF_THE_CONNECTION]
            return web.Response(status=answer.status, body=answered, headers=kept)

    def record(self, request, body, answer, answered):
        path, _, query = request.raw_path.partition("?")
        exchange = {
            "method": request.method, "path": path, "query": query, "request_size": len(body), "status": answer.status,
            "answer_size": len(answered), "answer_headers": {name.lower(): value for name, value in answer.headers.items()},
        }
        for key, content in (("request_body", body), ("answer_body", answered)):
            if content[:1] in (b"{", b"["):
                try:
                    exchange[key] = json.loads(content)
                except ValueError:
                    pass
        self.file.write(json.dumps(exchange) + "\n")
        self.file.flush()
