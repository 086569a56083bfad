"""The service: what each address gives, whom it turns away, and that it holds out, keeps silent and ends as it should."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from support import delivery_cases
from support.corpus_cases import VALID
from support.hostile import SAMTALE, filled
from support.logged import without_heads
from support.served import COMMAND, Client, Served, served
from support.waiting import PATIENCE

import exchange
from exchange import reports
from exchange import service as service_package
from exchange.cli import run
from exchange.cli.receipts import fresh_head
from exchange.receipts import read_receipt
from exchange.service import Answers, Limits, answers, app

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(
    json.loads((Path(reports.__file__).parent / "report.schema.json").read_text("utf-8")),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)
GOOD = SAMTALE.encode()
BAD = filled("form", "roegsignal").encode()
DELIVERY = delivery_cases.delivery(
    delivery_cases.samtale(1), filled("form", "roegsignal", delivery_cases.samtale(2))
).encode()
TOKEN = "correct-horse-battery-staple"  # noqa: S105  # of the tests alone
ANYWHERE = "0.0.0.0"  # noqa: S104  # with a token, or refused
POSTED = ("/report", "/kvittering", "/page")
MADE = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
"""When the service answers, and the command too."""
READ = ("/", "/page.css", "/page.js", "/words.js", "/icon.svg", "/health", "/openapi.json")


def client(made: Answers | None = None, *, base: str = "http://127.0.0.1:8067", **options: Any) -> Client:
    return Client(app(made or answers(lambda: fresh_head(oprettet=MADE)), **options), base)


@pytest.fixture(scope="module")
def service() -> Client:
    return client()


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with served() as running:
        yield running


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Give the problem that an answer tells of; it has to have that status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert set(told) == {"title", "status", "detail"}
    return told


# What is given


@pytest.mark.parametrize(
    "data", [GOOD, BAD, DELIVERY, b"", b"\x00\xff", b"<a"], ids=["good", "bad", "delivery", "empty", "binary", "broken"]
)
def test_a_report_is_the_one_that_the_command_line_gives(
    service: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    file = tmp_path / "x.xml"
    file.write_bytes(data)
    run(["validate", "--format", "json", str(file)])
    expected = json.loads(capsys.readouterr().out)
    for entry in expected["files"]:
        entry["file"] = "<body>"
    answer = service.post("/report", content=data)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == expected
    SCHEMA.validate(answer.json())


def test_codes_are_judged_on_a_day_that_is_asked_for(service: Client) -> None:
    day = date(1700, 1, 1)
    answer = service.post(f"/report?on={day}", content=GOOD).json()
    assert answer["on"] == "1700-01-01"
    assert answer["summary"]["codes"] == dict(exchange.validate(GOOD, on=day).counts)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_receipt_says_what_is_accepted_and_what_is_not(service: Client, lang: str) -> None:
    good, bad = (service.post("/kvittering", params={"lang": lang}, content=data) for data in (GOOD, BAD))
    assert {good.status_code, bad.status_code} == {200}
    assert good.headers["content-type"] == "application/xml"
    accepted, refused = (exchange.parse(answer.content)["kvittering"] for answer in (good, bad))
    assert (accepted["fil"]["udfald"], accepted["godtagne"], accepted["afviste"]) == ("godtaget", 1, 0)
    assert (refused["fil"]["udfald"], refused["godtagne"], refused["afviste"]) == ("godtaget", 0, 1)
    assert accepted["kvitteringId"] != refused["kvitteringId"]
    (finding,) = exchange.validate(BAD).findings
    (said,) = refused["beskeder"][0]["fundliste"]
    assert (said["kode"], said["tekst"]) == (finding.code, finding.text(lang).message)


def test_a_delivery_is_answered_message_by_message(service: Client, tmp_path: Path) -> None:
    file = tmp_path / "receipt.xml"
    file.write_bytes(service.post("/kvittering", content=DELIVERY).content)
    assert [entry.accepted for entry in read_receipt(file)] == [True, False]
    assert service.post("/report", content=DELIVERY).json()["summary"]["messages"] == {"accepted": 1, "rejected": 1}


def test_what_the_person_sees_is_the_page_that_show_gives(service: Client) -> None:
    answer = service.post("/page", content=GOOD)
    assert answer.text == exchange.show(exchange.parse(GOOD))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("data", [BAD, DELIVERY, b"x"], ids=["rejected", "delivery", "no-xml"])
def test_what_has_no_page_is_answered_with_its_report(service: Client, data: bytes) -> None:
    answer = service.post("/page", content=data)
    assert answer.status_code == 422
    assert answer.json() == service.post("/report", content=data).json()


def test_health_and_description(service: Client) -> None:
    assert service.get("/health").json() == {
        "status": "ok",
        "version": exchange.__version__,
        "max_bytes": 20_000_000,
    }
    description = service.get("/openapi.json").json()
    assert description["openapi"] == "3.1.0"
    assert set(description["paths"]) == {*POSTED, "/health", "/openapi.json"}
    assert "security" not in description


@pytest.mark.parametrize("case", VALID[:12], ids=str)
def test_every_valid_document_has_a_receipt_that_is_itself_accepted(service: Client, case: Any) -> None:
    assert exchange.validate(service.post("/kvittering", content=case.data).content).ok


# Who is turned away


@pytest.mark.parametrize(
    "query",
    [
        "x=1",
        "on=today",
        "on=2026-13-01",
        "on=20260101",
        "on=2026-W01-1",
        "on=",
        "on=%D9%A2026-01-01",
        "on=2026-01-01&on=2026-01-01",
        "lang=da",
    ],
)
def test_a_query_is_of_the_form_that_is_described(service: Client, query: str) -> None:
    problem(service.post(f"/report?{query}", content=GOOD), 400)


def test_forms_and_codings_are_not_taken_for_a_document(service: Client) -> None:
    problem(service.post("/report", files={"file": GOOD}), 415)
    problem(service.post("/report", content=GOOD, headers={"Content-Encoding": "gzip"}), 415)


def test_there_is_nothing_elsewhere(service: Client) -> None:
    problem(service.get("/page.py"), 404)
    problem(service.get("/..%2fapp.py"), 404)
    assert problem(service.get("/report"), 405)["title"] == "Method Not Allowed"
    assert service.get("/report").headers["allow"] == "POST"


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "127.0.0.1.evil.test:8067",
        "localhost@evil.test",
        "",
        "127.0.0.1:8067:1",
        "localhost/",
        "[::1",
        "localhost:x",
    ],
)
def test_a_name_that_was_made_to_lead_here_is_not_answered(service: Client, host: str) -> None:
    for path in ("/", "/health"):
        problem(service.get(path, headers={"Host": host}), 421)
    problem(service.post("/report", content=GOOD, headers={"Host": host, "Origin": f"http://{host}"}), 421)


@pytest.mark.parametrize("host", ["localhost:8067", "LOCALHOST", "127.0.0.1", "[::1]:8067"])
def test_its_own_names_are_answered(service: Client, host: str) -> None:
    assert service.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "http://127.0.0.1:1", "http://127.0.0.1:8067.evil.test", "http://[", ""]
)
def test_a_page_of_another_origin_cannot_post(service: Client, origin: str) -> None:
    for path in POSTED:
        problem(service.post(path, content=GOOD, headers={"Origin": origin}), 403)


def test_a_browser_that_says_cross_site_is_believed(service: Client) -> None:
    for site in ("cross-site", "same-site"):
        problem(service.post("/report", content=GOOD, headers={"Sec-Fetch-Site": site}), 403)
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8067"}
    assert service.post("/report", content=GOOD, headers=own).status_code == 200


@pytest.mark.parametrize("path", [*POSTED, *READ])
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD", "OPTIONS"])
def test_no_address_leads_to_another(service: Client, path: str, method: str) -> None:
    # Behind a proxy with TLS it would lead to http, and document and token with it.
    for spelled in {f"{path}/", f"/{path}", f"{path}//", path.upper()} - {"/"}:
        answer = service.request(method, f"http://127.0.0.1:8067{spelled}", content=GOOD if method == "POST" else None)
        assert answer.status_code == 404
        assert "location" not in answer.headers


BOTH = {"Origin": "http://127.0.0.1:8067", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    "more",
    [
        [("Origin", "http://evil.test")],
        [("Origin", "null")],
        [("Origin", "")],
        [("Origin", "https://127.0.0.1:8067")],
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "")],
        [("Sec-Fetch-Site", "same-site")],
    ],
    ids=str,
)
@pytest.mark.parametrize("first", [True, False])
def test_of_two_headers_both_have_to_agree(service: Client, more: list[tuple[str, str]], first: bool) -> None:
    headers = [*more, *BOTH.items()] if first else [*BOTH.items(), *more]
    problem(service.post("/report", content=GOOD, headers=headers), 403)
    assert service.post("/report", content=GOOD, headers=[*BOTH.items(), *BOTH.items()]).status_code == 200


def test_of_two_hosts_none_is_answered(service: Client) -> None:
    for headers in ([("Host", "localhost"), ("Host", "evil.test")], [("Host", "localhost"), ("Host", "localhost")]):
        problem(service.get("/health", headers=headers), 421)


@pytest.mark.parametrize(
    "origin",
    [
        "https://127.0.0.1:8067",
        "ftp://127.0.0.1:8067",
        "//127.0.0.1:8067",
        "127.0.0.1:8067",
        "http://me@127.0.0.1:8067",
        "http://127.0.0.1:8067/",
        "http://127.0.0.1:8067?",
        "http://127.0.0.1:8067#",
        "http://127.0.0.1",
        "http://127.0.0.1:80678",
        "http://127.0.0.1:8067 http://127.0.0.1:8067",
    ],
)
def test_an_origin_is_a_scheme_a_name_and_a_port_and_all_three_agree(service: Client, origin: str) -> None:
    problem(service.post("/report", content=GOOD, headers={"Origin": origin}), 403)


@pytest.mark.parametrize(
    ("host", "origin"),
    [("localhost", "http://localhost:80"), ("localhost:80", "HTTP://LOCALHOST"), ("[::1]", "http://[::1]")],
)
def test_a_schemes_own_port_may_be_left_out(service: Client, host: str, origin: str) -> None:
    assert service.post("/report", content=GOOD, headers={"Host": host, "Origin": origin}).status_code == 200


HOST, NAME = "exchange.example.test", "https://exchange.example.test"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"Host": HOST, "X-Forwarded-Proto": "https"}, 200),
        ({"Host": f"{HOST}:443", "X-Forwarded-Proto": "https"}, 200),
        ({"Host": "127.0.0.1:8067", "X-Forwarded-Host": HOST, "X-Forwarded-Proto": "https"}, 200),
        (
            {"Host": "127.0.0.1:8067", "X-Forwarded-Host": f"{HOST}, inner.test", "X-Forwarded-Proto": "https, http"},
            200,
        ),
        ({"Host": HOST, "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Host": HOST}, 403),
        ({"Host": HOST, "X-Forwarded-Proto": "http"}, 403),
        ({"Host": f"{HOST}:8443", "X-Forwarded-Proto": "https"}, 403),
        ({"Host": "127.0.0.1:8067", "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Host": HOST, "X-Forwarded-Host": "inner.test", "X-Forwarded-Proto": "https"}, 403),
        ({"Host": HOST, "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "", "X-Forwarded-Proto": "https"}, 403),
        ({"Host": HOST, "X-Forwarded-Proto": "ht tp:"}, 403),
    ],
    ids=str,
)
def test_a_proxy_with_tls_says_what_the_browser_asked_for(said: dict[str, str], status: int) -> None:
    known = {"Authorization": f"Bearer {TOKEN}", "Origin": NAME}
    service = client(token=TOKEN, hosts=None)
    assert service.post("/report", content=GOOD, headers={**known, **said}).status_code == status
    # Without a token there is no proxy, and whoever says so is not believed.
    assert client().post("/report", content=GOOD, headers={**known, **said}).status_code in (403, 421)


def test_with_a_token_everything_but_the_page_and_health_asks_for_it() -> None:
    service = client(token=TOKEN, hosts=None, base="https://anywhere.test")
    for path in POSTED:
        for said in (
            "",
            "Bearer",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Basic {TOKEN}",
            TOKEN,
            "Bearer æ".encode("latin-1"),
        ):
            answer = service.post(path, content=GOOD, headers={"Authorization": said})
            problem(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
        assert service.post(path, content=GOOD, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    problem(service.get("/openapi.json"), 401)
    problem(service.get("/nothing"), 401)
    for path in {*READ} - {"/openapi.json"}:
        assert service.get(path).status_code == 200
    description = service.get("/openapi.json", headers={"Authorization": f"bearer {TOKEN}"}).json()
    assert description["security"] == [{"token": []}]


def test_any_name_is_answered_only_where_there_is_a_token() -> None:
    with pytest.raises(ValueError, match="hosts"):
        app(answers(fresh_head), hosts=None)


# What every answer says to a browser


def every_kind_of_answer() -> Iterator[tuple[str, httpx.Response]]:
    def broken(_data: bytes, _on: date | None) -> str:
        raise RuntimeError(SAMTALE)

    service = client()
    yield from ((path, service.get(path)) for path in READ)
    yield from ((path, service.post(path, content=GOOD)) for path in POSTED)
    yield "422", service.post("/page", content=BAD)
    yield "400", service.post("/report?x=1", content=GOOD)
    yield "404", service.get("/nothing")
    yield "405", service.request("PUT", "/report")
    yield "403", service.post("/report", headers={"Origin": "http://evil.test"})
    yield "421", service.get("/", headers={"Host": "evil.test"})
    yield "401", client(token=TOKEN).get("/openapi.json")
    yield "413", client(limits=Limits(bytes=10)).post("/report", content=GOOD)
    yield "503", client(limits=Limits(waiting=-2)).post("/report", content=GOOD)
    yield (
        "500",
        client(Answers(broken, answers(fresh_head).receipt, answers(fresh_head).page)).post("/report", content=GOOD),
    )


def test_every_answer_tells_a_browser_to_do_nothing_more_with_it() -> None:
    seen = []
    for name, answer in every_kind_of_answer():
        seen.append(answer.status_code)
        headers = answer.headers
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
            assert part in policy, name
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert not [header for header in headers if header.startswith("access-control-") or header == "server"], name
    assert {200, 400, 401, 403, 404, 405, 413, 421, 422, 500, 503} == set(seen)


# Within bounds


def test_the_size_is_counted_as_it_comes() -> None:
    service = client(limits=Limits(bytes=len(GOOD)))
    assert service.post("/report", content=GOOD).status_code == 200
    problem(service.post("/report", content=GOOD + b" "), 413)
    # In chunks nothing is promised.
    problem(service.post("/report", content=[GOOD, b" "]), 413)


def test_so_many_documents_at_a_time_and_the_rest_is_told_to_come_again() -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def slow(_data: bytes, _on: date | None) -> str:
        begun.release()
        assert go_on.wait(PATIENCE)
        return "{}"

    made = Answers(slow, answers(fresh_head).receipt, answers(fresh_head).page)
    service = client(made, limits=Limits(working=1, waiting=0))
    with ThreadPoolExecutor(1) as other:
        first = other.submit(service.post, "/report", content=b"1")
        assert begun.acquire(timeout=PATIENCE)
        refusal = service.post("/kvittering", content=b"2")
        problem(refusal, 503)
        assert refusal.headers["retry-after"] == "1"
        assert service.get("/health").status_code == 200
        go_on.set()
        assert first.result(PATIENCE).status_code == 200


def test_an_answer_that_takes_too_long_is_given_up_and_keeps_its_place_until_its_thread_is_done() -> None:
    go_on, done = threading.Event(), threading.Event()

    def slow(data: bytes, _on: date | None) -> str:
        if data == b"slow":
            assert go_on.wait(PATIENCE)
            done.set()
        return "{}"

    made = Answers(slow, answers(fresh_head).receipt, answers(fresh_head).page)
    service = client(made, limits=Limits(working=1, waiting=0, answering=0.1))
    problem(service.post("/report", content=b"slow"), 503)
    assert "many" in problem(service.post("/report", content=b"next"), 503)["detail"]
    go_on.set()
    assert done.wait(PATIENCE)
    statuses = iter(lambda: service.post("/report", content=b"next").status_code, 200)
    assert set(statuses) <= {503}


def test_many_at_once_are_all_answered_rightly(running: Served) -> None:
    wanted = {GOOD: "accepted", BAD: "rejected"}
    documents = [GOOD, BAD] * 20

    def verdict(data: bytes) -> str:
        with httpx.Client(base_url=running.address, timeout=PATIENCE, trust_env=False) as own:
            while True:
                answer = own.post("/report", content=data)
                if answer.status_code != 503:
                    return str(answer.json()["files"][0]["verdict"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(verdict, documents)) == [wanted[data] for data in documents]


def test_a_body_that_does_not_arrive_in_time_is_not_waited_for() -> None:
    service = client(limits=Limits(arriving=0.1))
    problem(service.post("/report", content=[b"<"] * 100), 408)


def receive(connection: socket.socket) -> bytes:
    parts = iter(lambda: connection.recv(65536), b"")
    return b"".join(parts)


def test_a_promise_of_too_much_is_refused_before_it_comes(running: Served) -> None:
    with socket.create_connection(running.at, PATIENCE) as connection:
        connection.sendall(b"POST /report HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000001\r\n\r\n")
        assert receive(connection).startswith(b"HTTP/1.1 413 ")


def answered(running: Served) -> socket.socket:
    """Give a connection on which a question was answered; this process too may be too late with one."""
    for _ in range(50):
        connection = socket.create_connection(running.at, PATIENCE)
        with suppress(ConnectionError):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if connection.recv(65536).startswith(b"HTTP/1.1 200 "):
                return connection
        connection.close()
    raise AssertionError(running.said)


def test_a_head_that_does_not_arrive_in_time_is_not_waited_for() -> None:
    with served(before="from exchange.service import server; server.HEAD_SECONDS = 0.3") as running:
        for sent in (b"", b"GET /health HTTP/1.1\r\nHost: local"):
            with socket.create_connection(running.at, PATIENCE) as connection:
                connection.sendall(sent)
                assert receive(connection) == b""
        # Nor is the next on the same connection.
        with answered(running) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\n")
            assert b"HTTP" not in receive(connection)
        answered(running).close()


def test_what_is_no_http_ends_the_connection_and_not_the_service(running: Served) -> None:
    for sent in (b"\x16\x03\x01" + b"\x00" * 50 + b"\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"):
        with socket.create_connection(running.at, PATIENCE) as connection:
            try:
                connection.sendall(sent)
                assert receive(connection).startswith(b"HTTP/1.1 400 ")
            except (ConnectionResetError, BrokenPipeError):
                continue
    assert httpx.get(f"{running.address}/health", trust_env=False, timeout=PATIENCE).status_code == 200


def test_whoever_goes_away_leaves_nothing_behind(running: Served) -> None:
    for _ in range(40):  # more than there are places
        with socket.create_connection(running.at, PATIENCE) as connection:
            connection.sendall(b"POST /report HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n<sam")
    with httpx.Client(base_url=running.address, timeout=PATIENCE, trust_env=False) as own:
        assert 200 in (own.post("/report", content=GOOD).status_code for _ in range(200))


# Nothing is told


TRACES = ("0101405", "405000", "stemmer", "hemmelig", "evil")


def test_no_log_and_no_stream_says_anything_of_what_was_sent(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(data: bytes, _on: date | None) -> str:
        raise ValueError(data.decode())

    caplog.set_level(logging.DEBUG)
    secret = filled("tekst", "Maja hører stemmer: 0101405000").encode()
    ways = (
        client(),
        client(Answers(broken, answers(fresh_head).receipt, answers(fresh_head).page)),
        client(token=TOKEN),
    )
    for service in ways:
        for path in POSTED:
            service.post(path, content=secret)
            service.post(f"{path}?name=hemmelig.xml", content=secret)
        service.get("/hemmelig-0101405000.xml", headers={"Authorization": f"Bearer {TOKEN[:-1]}"})
        service.request("HEMMELIG", "/report", headers={"User-Agent": "hemmelig", "Origin": "http://evil.test"})
    # What the test's own client says of its requests is not the service's.
    records = [record for record in caplog.records if record.name.partition(".")[0] not in ("httpx", "httpcore")]
    said = "\n".join([*(caplog.handler.format(record) for record in records), *capfd.readouterr()])
    assert "POST /report 200" in said
    assert "fault: ValueError" in said
    assert "Traceback" not in said
    assert not [trace for trace in (*TRACES, TOKEN[:8]) if trace in said.lower()]


def test_a_fault_is_answered_without_a_word_of_the_document() -> None:
    def broken(data: bytes, _on: date | None) -> str:
        raise ValueError(data.decode())

    answer = client(Answers(broken, answers(fresh_head).receipt, answers(fresh_head).page)).post(
        "/report", content=GOOD
    )
    assert problem(answer, 500)["title"] == "Internal Server Error"
    assert "0101405000" not in answer.text


def test_the_running_service_says_its_address_and_for_each_request_a_line_without_content() -> None:
    secret = filled("tekst", "Maja hører stemmer: 0101405000").encode()
    with served() as running:
        with httpx.Client(base_url=running.address, trust_env=False, timeout=PATIENCE) as own:
            for path in (*POSTED, "/hemmelig.xml", "/report?hemmelig.xml"):
                own.post(path, content=secret)
            own.post("/report", content=secret, headers={"Host": "evil.test"})
        with socket.create_connection(running.at, PATIENCE) as connection:
            connection.sendall(b"HEMMELIG \x00 0101405000\r\n\r\n")
            receive(connection)
        assert running.interrupt() == 130
        said = running.said
        assert running.process.stdout is not None
        assert running.process.stdout.read() == b""
    first, *lines, last = filter(None, without_heads(said).splitlines())
    assert first == f"serving at {running.address}/ until Ctrl-C"
    assert last == "exchange: interrupted"
    routes = [line.rsplit(" ", 2)[0] for line in lines]
    assert routes == [*(f"POST {path} 200" for path in POSTED), "POST - 404", "POST /report 400", "POST /report 421"]
    assert not [trace for trace in TRACES if trace in said.lower()]


def test_the_log_as_json_has_a_document_on_each_line() -> None:
    with served("--log-format", "json") as running:
        httpx.post(f"{running.address}/report", content=GOOD, trust_env=False, timeout=PATIENCE)
        assert running.interrupt(signal.SIGTERM) == 0
        first, request = (json.loads(line) for line in running.said.splitlines())
    assert first["level"] == request["level"] == "info"
    assert first["message"] == f"serving at {running.address}/ until Ctrl-C"
    assert datetime.fromisoformat(request["time"]).utcoffset() == timedelta()
    assert request["message"] == f"POST /report 200 {request['milliseconds']} ms"
    assert (request["method"], request["path"], request["status"]) == ("POST", "/report", 200)


# Beginning and end


def test_ctrl_c_ends_it_while_a_sender_is_still_at_it() -> None:
    with served() as running, socket.create_connection(running.at, PATIENCE) as connection:
        connection.sendall(b"POST /report HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n<sam")
        assert running.interrupt() == 130
        assert "Traceback" not in running.said


def test_a_service_manager_ends_it_too() -> None:
    with served() as running:
        assert running.interrupt(signal.SIGTERM) == 0
        assert without_heads(running.said) == f"serving at {running.address}/ until Ctrl-C\n"


def test_a_signal_at_the_announcement_ends_it_in_good_order() -> None:
    done: list[int] = []

    def listening(_: str) -> None:
        signal.raise_signal(signal.SIGTERM)
        assert not done, "the signal was not left to the server"

    before = signal.signal(signal.SIGTERM, lambda number, _: done.append(number))
    try:
        service_package.serve("127.0.0.1", 0, new_head=fresh_head, listening=listening)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert done == [signal.SIGTERM]


def refused(*options: str, stdin: bytes = b"") -> tuple[int, str]:
    done = subprocess.run([*COMMAND, *options], input=stdin, capture_output=True, timeout=PATIENCE)
    assert done.stdout == b""
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("host", [ANYWHERE, "::", "192.0.2.1", "some.name.test"])
def test_it_is_there_for_others_only_with_a_token(host: str) -> None:
    code, said = refused("--host", host)
    assert code == 2
    assert "--token-fd or --token-file" in said


@pytest.mark.parametrize(("host", "token"), [(ANYWHERE, None), ("some.name.test", None), ("127.0.0.1", "short")])
def test_the_library_refuses_the_same(host: str, token: str | None) -> None:
    def listening(url: str) -> None:
        raise AssertionError(url)

    with pytest.raises(ValueError, match="token"):
        service_package.serve(host, 0, new_head=fresh_head, listening=listening, token=token)


@pytest.mark.parametrize(
    "token", [b"", b"short\n", b"with a blank in it, long\n", "længere-end-seksten-tegn".encode(), b"x" * 513]
)
def test_a_token_is_long_enough_and_can_be_sent(token: bytes) -> None:
    code, said = refused("--token-fd", "0", stdin=token)
    assert code == 2
    assert "16 to 512" in said
    assert token.strip() == b"" or token.strip().decode() not in said


def test_only_one_token(tmp_path: Path) -> None:
    assert refused("--token-fd", "0", "--token-file", str(tmp_path / "t"))[0] == 2


def test_a_port_that_is_taken_is_no_traceback(running: Served) -> None:
    done = subprocess.run([*COMMAND, "--port", str(running.at[1])], capture_output=True, timeout=PATIENCE, text=True)
    assert done.returncode == 3
    assert done.stderr == "exchange: Address already in use\n"


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost"])
def test_on_loopback_it_answers_to_the_address_that_it_was_given(host: str) -> None:
    with served("--host", host) as running:
        at = f"http://{host}:{running.at[1]}"
        assert httpx.get(f"{at}/health", trust_env=False, timeout=PATIENCE).status_code == 200


def test_for_others_it_answers_to_every_name_but_not_without_the_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", "utf-8")
    with served("--host", ANYWHERE, "--token-file", str(file)) as running:
        at = f"http://127.0.0.1:{running.at[1]}"
        head = {"Host": "exchange.example.test"}
        assert (
            httpx.post(f"{at}/report", content=GOOD, headers=head, trust_env=False, timeout=PATIENCE).status_code == 401
        )
        known = {**head, "Authorization": f"Bearer {TOKEN}"}
        assert (
            httpx.post(f"{at}/report", content=GOOD, headers=known, trust_env=False, timeout=PATIENCE).status_code
            == 200
        )
        assert TOKEN not in running.said
        assert TOKEN not in " ".join(map(str, running.process.args))  # type: ignore[arg-type]  # it is a list


def test_all_is_compiled_before_the_address_is_told() -> None:
    before = """
import sys
from exchange.model import spec
from exchange.xml import parsing
def noted(function):
    def note(*given, **more):
        sys.stderr.write("compiles\\n")
        return function(*given, **more)
    return note
parsing.Judge.__init__ = noted(parsing.Judge.__init__)
from exchange.model import schema_reader
schema_reader.open_schema = noted(schema_reader.open_schema)
from exchange.xml import codec
codec.compile_decoder = noted(codec.compile_decoder)
codec.compile_canonical_reader = noted(codec.compile_canonical_reader)
"""
    with served(before=before) as running:
        documents = [case.data for case in VALID[:30]] + [GOOD, BAD, DELIVERY]
        for path in POSTED:
            for data in documents:
                httpx.post(f"{running.address}{path}", content=data, trust_env=False, timeout=PATIENCE)
        until, _, after = running.said.partition("serving at")
    assert until.count("compiles") > 10
    assert "compiles" not in after


def test_it_does_not_start_where_it_could_keep_nothing_for_a_moment() -> None:
    python, flag, code, *rest = COMMAND
    nowhere = "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/nowhere']"
    done = subprocess.run([python, flag, f"{nowhere}\n{code}", *rest], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "exchange: there is no writable folder for temporary files: set TMPDIR to one\n"


def test_without_the_packages_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'uvicorn' else find(name, *rest)\n",
        "utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(COMMAND, capture_output=True, text=True, env=environment, timeout=PATIENCE)
    assert done.returncode == 3
    assert done.stderr == (
        "exchange: serving needs starlette and uvicorn, which are not installed: pip install 'exchange-par87[serve]'\n"
    )


# Whatever the description allows, and what it does not

CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "422"]  # a document may have no page
"""


@pytest.mark.parametrize("token", [None, TOKEN], ids=["loopback", "token"])
def test_whatever_is_asked_the_answer_is_as_described_and_never_a_fault(tmp_path: Path, token: str | None) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG, "utf-8")
    options = ["--token-fd", "0"] if token else []
    with served(*options, stdin=token.encode() if token else None) as running:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{running.address}/openapi.json"]
        command += ["--checks", "all", "--seed", "87", "--max-examples", "40", "--no-color", "--workers", "1"]
        command += ["--header", f"Authorization: Bearer {token}"] if token else []
        environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Operations:       4 selected / 4 total" in done.stdout or "5 selected / 5 total" in done.stdout
        assert running.process.poll() is None
        assert "fault" not in running.said
        lines = [line.split() for line in without_heads(running.said).splitlines()[1:]]
        assert not [line for line in lines if line[2].startswith("5")]
        assert {line[1] for line in lines if line[2] == "200"} >= {"/report", "/kvittering", "/health"}
