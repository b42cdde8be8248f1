"""How many record pages a second are served, beside other servers: `python benchmarks/pages.py [COUNT]`.

wrk asks for many different records in turn: of `publisher serve`, of Oxigraph's own server (the Graph Store GET of the
same graphs from the same store; `pip install oxigraph`), of nginx, which has the same bytes as files, and of Trifid,
which asks Oxigraph's server (`npm install trifid` in a folder that TRIFID names). All run with two processes or threads
on this machine, one after another, but Trifid has one and those of the server that it asks. The ratios are to that of
Oxigraph. `--site DIR` keeps the records for the next run.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from sample_site import publish

from publisher.addresses import Addresses
from publisher.catalog import Catalog
from publisher.settings import Settings
from publisher.stores import EmbeddedStore

PORT, OXIGRAPH_PORT, NGINX_PORT, TRIFID_PORT = 8310, 8311, 8312, 8313
ASKED = 5000  # different records, at most
KEPT = 300  # of them, so few that every process has made their pages before they are counted
SECONDS = int(os.environ.get("SECONDS", "5"))
LUA = """
local requests, at = {}, 0
function init()  -- wrk knows the host from here on
  for line in io.lines(os.getenv("PATHS")) do
    local path, etag = line:match("^(%S+) ?(.*)$")
    local headers = {["Accept"] = os.getenv("ACCEPT"), ["Accept-Encoding"] = os.getenv("ENCODING")}
    if etag ~= "" then headers["If-None-Match"] = etag end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end
function request() at = at % #requests + 1; return requests[at] end
"""


@dataclass(frozen=True)
class Result:
    """What wrk counted: requests a second, latencies in milliseconds, answers that were no success."""

    rate: float
    median: float
    p99: float
    bad: int


@contextmanager
def running(command: Sequence[str], port: int, **environment: str) -> Iterator[None]:
    """A server on a port of this machine, from its first answer on."""
    with subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a group of its own, which ends as a whole
    ) as process:
        try:
            for _ in range(100):
                try:
                    get(port, "/robots.txt")
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                raise RuntimeError(f"{command[0]} does not answer.")
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with suppress(ProcessLookupError):  # what has not ended by itself, such as Trifid
                os.killpg(process.pid, signal.SIGKILL)


def get(port: int, path: str, **headers: str) -> tuple[http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return response.headers, response.read()


def measure(folder: Path, port: int, paths: Sequence[str], accept: str, encoding: str = "") -> Result:
    """wrk over the paths, eight connections."""
    (folder / "paths").write_text("\n".join(paths) + "\n", "ascii")
    (folder / "wrk.lua").write_text(LUA, "ascii")
    environment = {**os.environ, "PATHS": str(folder / "paths"), "ACCEPT": accept}
    if encoding:
        environment["ENCODING"] = encoding
    url = f"http://127.0.0.1:{port}"
    found = ""
    for seconds in (1, SECONDS):  # the first fills the caches
        command = ["wrk", "-t1", "-c8", f"-d{seconds}s", "--latency", "-s", str(folder / "wrk.lua"), url]
        found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", found)
    return Result(
        float(re.findall(r"Requests/sec:\s+([\d.]+)", found)[0]),
        _milliseconds(re.findall(r"50%\s+(\S+)", found)[0]),
        _milliseconds(re.findall(r"99%\s+(\S+)", found)[0]),
        int(bad[1]) if bad else 0,
    )


def _milliseconds(text: str) -> float:
    number, unit = re.findall(r"([\d.]+)(\w+)", text)[0]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def nginx_configuration(folder: Path) -> str:
    return f"""
        user root; worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log /dev/null;
        events {{ worker_connections 256; }}
        http {{
            access_log off; etag on; types {{ text/turtle ttl; text/html html; }}
            client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
            uwsgi_temp_path {folder}; scgi_temp_path {folder};
            server {{ listen 127.0.0.1:{NGINX_PORT}; root {folder}/files; }}
        }}"""


def trifid_configuration(base: str) -> str:
    return f"""
server: {{listener: {{host: 127.0.0.1, port: {TRIFID_PORT}}}, logLevel: error}}
globals:
  datasetBaseUrl: {base}
  endpoints: {{default: {{url: "http://127.0.0.1:{OXIGRAPH_PORT}/query"}}}}
plugins:
  entity-renderer: {{module: "@zazuko/trifid-entity-renderer"}}
"""


def main(count: int, site: Path | None) -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(DATA_DIR=site or folder / "site")
        publish(settings.DATA_DIR, count)
        release = Catalog(settings.DATA_DIR).current()
        results = serve(folder, settings, EmbeddedStore(settings.DATA_DIR).graph(release))
    base = results.get("Oxigraph, Graph Store GET")
    print(f"{'':<44}{'requests/s':>11}{'median ms':>11}{'p99 ms':>8}{'ratio':>7}")
    for title, result in results.items():
        ratio = f"{result.rate / base.rate:>7.2f}" if base else ""
        bad = f"  {result.bad} were refused!" if result.bad else ""
        print(f"{title:<44}{result.rate:>11,.0f}{result.median:>11.2f}{result.p99:>8.2f}{ratio}{bad}")


def serve(folder: Path, settings: Settings, graph: Path) -> dict[str, Result]:
    """Measures each server in turn; what is not installed is left out."""
    addresses = Addresses(settings.base)
    catalog = Catalog(settings.DATA_DIR)
    keys = [key for (key,) in catalog.db.execute("SELECT key FROM thing WHERE kind = 'resource'")]
    catalog.close()
    random.Random(1).shuffle(keys)
    documents = [addresses.document("resource", key) for key in keys[:ASKED]]
    paths = [urlsplit(document).path for document in documents]
    results: dict[str, Result] = {}
    files = folder / "files"
    files.mkdir()
    publisher = [sys.executable, "-m", "publisher", "--data-dir", str(settings.DATA_DIR), "serve", f"--port={PORT}"]
    with running(publisher, PORT, PUBLISHER_BASE_URL=settings.BASE_URL):
        etags = []
        for number, path in enumerate(paths):
            headers, body = get(PORT, path, Accept="text/turtle")
            etags.append(headers["ETag"])
            (files / f"{number}.ttl").write_bytes(body)
            (files / f"{number}.html").write_bytes(get(PORT, path, Accept="text/html")[1])
        for title, accept, encoding in (
            ("ours, Turtle, negotiated", "text/turtle", ""),
            ("ours, Turtle, negotiated, gzip", "text/turtle", "gzip"),
            ("ours, JSON-LD, negotiated", "application/ld+json", ""),
            ("ours, N-Triples, negotiated", "application/n-triples", ""),
        ):
            results[title] = measure(folder, PORT, paths, accept, encoding)
        results["ours, HTML, pages that are kept"] = measure(folder, PORT, paths[:KEPT], "text/html")
        tagged = [f"{path} {etag}" for path, etag in zip(paths, etags, strict=True)]
        results["ours, 304"] = measure(folder, PORT, tagged, "text/turtle")
    with running(publisher, PORT, PUBLISHER_BASE_URL=settings.BASE_URL, PUBLISHER_PAGE_CACHE_BYTES="0"):
        results["ours, HTML, pages made anew each time"] = measure(folder, PORT, paths, "text/html")
    if oxigraph := shutil.which("oxigraph"):
        graphs = [f"/store?graph={quote(document, safe='')}" for document in documents]
        command = [oxigraph, "serve-read-only", "--location", str(graph), "--bind", f"127.0.0.1:{OXIGRAPH_PORT}"]
        with running(command, OXIGRAPH_PORT):
            results["Oxigraph, Graph Store GET"] = measure(folder, OXIGRAPH_PORT, graphs, "text/turtle")
        if trifid := os.environ.get("TRIFID"):
            (folder / "trifid.yaml").write_text(trifid_configuration(addresses.base), "utf-8")
            script = f"{trifid}/node_modules/trifid/server.js"
            things = [path.replace("/doc/", "/id/", 1) for path in paths]
            with (
                running([*command, "--union-default-graph"], OXIGRAPH_PORT),
                running(["node", script, "-c", str(folder / "trifid.yaml")], TRIFID_PORT),
            ):
                for media_type in ("text/turtle", "text/html"):
                    results[f"Trifid, {media_type}"] = measure(folder, TRIFID_PORT, things, media_type)
    if nginx := shutil.which("nginx"):
        (folder / "nginx.conf").write_text(nginx_configuration(folder), "ascii")
        with running([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)], NGINX_PORT):
            for extension in ("ttl", "html"):
                names = [f"/{number}.{extension}" for number in range(len(paths))]
                results[f"nginx, the same bytes as files, {extension}"] = measure(folder, NGINX_PORT, names, "*/*")
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--site", type=Path, help="folder for the published records, kept for the next run")
    arguments = parser.parse_args()
    main(arguments.count, arguments.site)
