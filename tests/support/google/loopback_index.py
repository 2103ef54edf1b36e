"""An index of somebody else, on loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class LoopbackIndex:
    """An index on loopback that asks for no credentials, and knows one project."""

    def __init__(self, file: Path) -> None:
        self.file = file
        page = (
            f'<!DOCTYPE html><html><body><a href="../../{file.name}">{file.name}</a></body></html>'
        )
        contents = {
            "/simple/public/": ("text/html", page.encode()),
            f"/{file.name}": ("application/octet-stream", file.read_bytes()),
        }

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, content = contents.get(self.path, ("text/plain", b""))
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """End it; nothing answers at its address from now on."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
