"""The service behind a real proxy with TLS: Debian's nginx, with the lines that the documentation has.

nginx is started by the tests themselves, in the foreground and with a folder of its own; it gets its listening
socket from them (its own way to do so is the variable NGINX), so that no port is guessed. Without nginx they are skipped, but not in CI.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support.browsing import started
from support.hostile import SAMTALE
from support.served import Served, served
from support.waiting import PATIENCE

import exchange
from exchange import docs

if TYPE_CHECKING:
    from playwright.sync_api import Response

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
GOOD = SAMTALE.encode()
TOKEN = "correct-horse-battery-staple"  # noqa: S105  # of the tests alone
KNOWN = {"Authorization": f"Bearer {TOKEN}"}
NAME = "exchange.example.test"
BARE = "location / { proxy_pass http://127.0.0.1:8067; }"
REWRITTEN = """location / {
    proxy_pass http://127.0.0.1:8067;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
}"""
CONFIGURATION = """
daemon off; worker_processes 1; user {user} {group}; pid {folder}/pid; error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
        {location}
    }}
}}
"""


def documented() -> str:
    """Return the lines that the documentation has for nginx."""
    text = (Path(docs.__file__).parent / "http-api.md").read_text("utf-8")
    (location,) = re.findall(r"^```nginx\n(.*?)^```$", text, re.M | re.S)
    return str(location)


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


@contextmanager
def proxied(folder: Path, running: Served, location: str) -> Iterator[str]:
    """Start nginx before a service; give its address."""
    if NGINX is None:
        if os.environ.get("CI"):
            raise AssertionError("no nginx")
        pytest.skip("no nginx")
    make_certificate(folder)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        location = location.replace("127.0.0.1:8067", f"127.0.0.1:{running.at[1]}")
        # Its own folder is this user's.
        own = {"user": pwd.getpwuid(os.getuid()).pw_name, "group": grp.getgrgid(os.getgid()).gr_name}
        text = CONFIGURATION.format(folder=folder, port=port, location=location, **own)
        (folder / "nginx.conf").write_text(text, "utf-8")
        environment = {"NGINX": f"{listening.fileno()};", "PATH": "/usr/bin:/bin"}
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        # It listens already: whoever comes before nginx is ready waits.
        process = subprocess.Popen(command, pass_fds=[listening.fileno()], env=environment, stderr=subprocess.PIPE)
        try:
            yield f"https://localhost:{port}"
            assert process.poll() is None, process.communicate()
        finally:
            process.terminate()  # it ends its worker too
            process.communicate(timeout=PATIENCE)


@contextmanager
def asking(folder: Path, address: str) -> Iterator[httpx.Client]:
    trusted = ssl.create_default_context(cafile=folder / "cert.pem")
    with httpx.Client(base_url=address, verify=trusted, headers=KNOWN, timeout=PATIENCE, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with served("--token-fd", "0", stdin=TOKEN.encode()) as running:
        yield running


def page_of(host: str, site: str | None = "same-origin") -> dict[str, str]:
    """Give what a browser sends with a post of the page at a host."""
    return {"Host": host, "Origin": f"https://{host}"} | ({} if site is None else {"Sec-Fetch-Site": site})


@pytest.mark.parametrize("location", [documented(), REWRITTEN], ids=["documented", "rewritten"])
def test_its_own_page_may_post_and_no_other_may(tmp_path: Path, running: Served, location: str) -> None:
    with proxied(tmp_path, running, location) as address, asking(tmp_path, address) as client:
        expected = exchange.validate(GOOD).verdict
        for host in (NAME, f"{NAME}:443", address.removeprefix("https://")):
            for site in ("same-origin", None):
                answer = client.post("/report", content=GOOD, headers=page_of(host, site))
                assert answer.status_code == 200, (host, site)
                assert answer.json()["files"][0]["verdict"] == expected
            for wrong in (
                {"Origin": f"http://{host}"},
                {"Origin": "https://evil.test"},
                {"Origin": "https://evil.test", "Host": host, "X-Forwarded-Host": "evil.test"},
                {"Origin": "null"},
                {"Sec-Fetch-Site": "cross-site"},
            ):
                for site in ("same-origin", None) if "Sec-Fetch-Site" not in wrong else (None,):
                    answer = client.post("/report", content=GOOD, headers={**page_of(host, site), **wrong})
                    if wrong == {"Origin": f"http://{host}"} and site == "same-origin":
                        continue  # no browser says so: it has compared the schemes
                    assert answer.status_code == 403, (host, site, wrong)


def test_programs_need_no_header(tmp_path: Path, running: Served) -> None:
    for number, location in enumerate((documented(), BARE)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with proxied(folder, running, location) as address, asking(folder, address) as client:
            assert client.post("/report", content=GOOD).status_code == 200
            assert client.post("/report", content=GOOD, headers={"Authorization": "Bearer no"}).status_code == 401
    # A proxy that says nothing of the browser's question: its page is not known as the service's own.
    with proxied(folder, running, BARE) as address, asking(folder, address) as client:
        assert client.post("/report", content=GOOD, headers=page_of(NAME)).status_code == 403


def test_nothing_leads_away_from_tls(tmp_path: Path, running: Served) -> None:
    with proxied(tmp_path, running, documented()) as address, asking(tmp_path, address) as client:
        for path in ("/report/", "/kvittering/", "/page/", "/health/", "/nothing"):
            for method in ("POST", "GET"):
                answer = client.request(method, path, content=GOOD)
                assert (answer.status_code, answer.headers.get("location")) == (404, None)


def test_what_the_service_takes_the_proxy_passes_on(tmp_path: Path, running: Served) -> None:
    with proxied(tmp_path, running, documented()) as address, asking(tmp_path, address) as client:
        most = client.get("/health").json()["max_bytes"]
        large = GOOD + b" " * (most - len(GOOD))
        assert client.post("/report", content=large).status_code == 200
        assert client.post("/report", content=large + b" " * 2_000_000).status_code == 413


def test_a_real_browser_posts_through_it(tmp_path: Path, running: Served) -> None:
    with proxied(tmp_path, running, documented()) as address, started() as browser:
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        answers: list[tuple[str, int]] = []

        def note(answer: Response) -> None:
            answers.append((answer.url.removeprefix(address), answer.status))

        page.on("response", note)
        page.goto(f"{address}/")
        script = """async ([token, text]) => {
            const headers = { Authorization: `Bearer ${token}` };
            const answer = await fetch("/report", { method: "POST", body: text, headers, redirect: "error" });
            return [answer.status, (await answer.json()).summary.messages ?? null];
        }"""
        with page.expect_response(f"{address}/report") as posted:
            told: Any = page.evaluate(script, [TOKEN, SAMTALE])
        assert (told[0], posted.value.status) == (200, 200)
        # A page of the same machine, without TLS, is another origin.
        page.goto(f"http://127.0.0.1:{running.at[1]}/")
        refused = page.evaluate(
            "async (to) => { try { await fetch(to, { method: 'POST', body: 'x', mode: 'no-cors' }); } catch { return 'no'; } return 'sent'; }",
            f"{address}/report",
        )
        assert refused == "no" or ("/report", 403) in answers
        context.close()
