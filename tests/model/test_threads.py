"""Several threads use the package at once, also for the first time; each program of these tests is a process of its own."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from lxml import etree
from support.delivery_cases import DECLARATION, delivery, plan, samtale
from support.waiting import PATIENCE

import exchange
from exchange.deliveries.blocks import Block, Inspection
from exchange.deliveries.processes import in_processes
from exchange.deliveries.scan import CutMessage
from exchange.errors import ConfigurationError
from exchange.findings.finding import Position
from exchange.model import resources
from exchange.model.catalog import Catalog, shipped
from exchange.model.lazy import once
from exchange.validation.pipeline import compile_catalog
from exchange.validation.rules import rules_of
from exchange.xml import parsing
from exchange.xml.codec import codec

HERE = Path(__file__).parents[1]
PACKAGE = Path(exchange.__file__).parent
ROUNDS = 8


@pytest.fixture
def own(tmp_path: Path) -> Catalog:
    """A catalog of its own, of which nothing is compiled."""
    shutil.copytree(resources.xsd_folder(), tmp_path / "xsd")
    shutil.copytree(resources.stamdata_folder(), tmp_path / "stamdata")
    return Catalog(tmp_path / "xsd", tmp_path / "stamdata")


def program(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE)


# The first use


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("samtale", "minPlanUdkast", "kravTilJobsoegning", "kvittering"):
        example = exchange.Exchange().example(name)
        (folder / f"{name}.json").write_text(json.dumps(example), "utf-8")
        (folder / f"{name}.xml").write_bytes(exchange.build(example))
    (folder / "leverance.xml").write_text(
        DECLARATION + delivery(samtale(1), plan(2), samtale(3, form="brevdue")), "utf-8"
    )
    return folder


def test_a_program_whose_threads_begin_all_at_once(documents: Path, tmp_path: Path) -> None:
    def begin(number: int) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / str(number)
        folder.mkdir()
        return program(HERE / "support" / "first_use.py", folder, documents)

    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(begin, range(ROUNDS)):
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_two_schemas_are_compiled_at_once(own: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, met = threading.Barrier(2), []
    compiled = etree.XMLSchema

    def compile_and_meet(tree: etree._ElementTree) -> etree.XMLSchema:
        # Goes on at once if two are here; the first waits in vain.
        with suppress(threading.BrokenBarrierError):
            meeting.wait(1)
            met.append(True)
        return compiled(tree)

    monkeypatch.setattr(etree, "XMLSchema", compile_and_meet)
    with ThreadPoolExecutor(len(own.versions)) as pool:
        list(pool.map(lambda version: parsing.Judge(version.schema_path), own.versions))
        list(pool.map(lambda version: codec(version).judge.position(etree.XML("<a/>")), own.versions))
    assert met == []


def test_each_piece_is_compiled_once_whoever_asks(own: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    judge = parsing.Judge

    def counted(path: Path) -> parsing.Judge:
        made.append(path)
        return judge(path)

    monkeypatch.setattr(parsing, "Judge", counted)
    barrier = threading.Barrier(8)

    def use(_number: int) -> list[object]:
        barrier.wait()
        return [
            part
            for each in own.versions
            for part in (codec(each).judge, each.spec, codec(each).encode, codec(each).decode, rules_of(each))
        ]

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(use, range(8))
    assert sorted(made) == sorted(version.schema_path for version in own.versions)
    for other in others:
        assert all(one is another for one, another in zip(first, other, strict=True))


def test_what_is_made_once_is_made_once() -> None:
    meeting, met = threading.Barrier(2), []

    @once
    def value() -> object:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(1)
            met.append(True)
        return object()

    with ThreadPoolExecutor(2) as pool:
        one, another = pool.map(lambda _: value(), range(2))
    assert met == []
    assert one is another


def test_after_warming_up_nothing_is_left_to_compile(own: Catalog, documents: Path) -> None:
    ours = exchange.Exchange(xsd=own.xsd, stamdata=own.stamdata)
    ours.warm_up()
    # What is not in memory cannot be had any more.
    shutil.rmtree(own.xsd)
    shutil.rmtree(own.stamdata)
    for path in documents.glob("*.xml"):
        assert ours.validate(path.read_bytes()) == exchange.validate(path.read_bytes())
    broken = (documents / "samtale.xml").read_bytes().replace(b"<form>", b"<form>brevdue")
    assert ours.validate(broken).verdict == "rejected"
    assert ours.build(exchange.parse(documents / "samtale.xml")) == (documents / "samtale.xml").read_bytes()


def test_warming_up_tells_what_is_wrong_with_a_schema(own: Catalog) -> None:
    own.versions[0].schema_path.write_text("<a/>", "utf-8")
    with pytest.raises(ConfigurationError, match=own.versions[0].schema_path.name):
        compile_catalog(Catalog(own.xsd, own.stamdata))


# Everything that is worked out when it is first asked for

# Each gives the same whoever works it out, and holds nothing that two could spoil: read from files of the package, or made of
# its arguments alone. What compiles a schema, or must be one in the process, is `locked_property` or `once` instead. (What
# `lru_cache` keeps may be made anew at any time, so it is always such.)
WORKED_OUT_TWICE_DOES_NO_HARM = {
    "jobnet.page._template",
    "docs._examples",
    "publishing.pages.templates",
    "pytest_plugin._exchange",
    "testdata.days.InForce._forms_of_referral",
    "testdata.days.InForce.encoders",
    "testdata.days.InForce.forms",
    "testdata.days.InForce.regions",
    "testdata.days.InForce.roles",
    "testdata.days.InForce.types",
    "testdata.days.InForce.verdicts",
    "testdata.wording.wording",
    "xml.canonical_reader.maker",
}


def test_whatever_is_kept_without_a_lock_was_looked_at() -> None:
    kept = set()
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(path.read_text("utf-8"))
        for parent in ast.walk(tree):
            inner = f"{parent.name}." if isinstance(parent, ast.ClassDef) else ""
            for node in ast.iter_child_nodes(parent):
                if isinstance(node, ast.FunctionDef) and any(map(_keeps, node.decorator_list)):
                    kept.add(f"{module}.{inner}{node.name}")
    assert kept == WORKED_OUT_TWICE_DOES_NO_HARM


def _keeps(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called).rpartition(".")[2] in ("cached_property", "cache")


# Later uses


def test_each_thread_hears_of_the_line_in_its_own_document(own: Catalog) -> None:
    version = own.versions[0]
    first, second = (etree.XML("\n" * lines + f'<samtale xmlns="{version.namespace}"/>') for lines in (3, 7))
    stop = threading.Event()

    def judge_the_other() -> None:
        while not stop.is_set():
            codec(version).judge.accepts(second)

    interval = sys.getswitchinterval()
    with ThreadPoolExecutor(2) as pool:
        sys.setswitchinterval(1e-6)
        try:
            others = [pool.submit(judge_the_other) for _ in range(2)]
            lines = {codec(version).judge.position(first) for _ in range(300)}
        finally:
            stop.set()
            sys.setswitchinterval(interval)
    assert [other.result() for other in others] == [None, None]
    assert lines == {Position(4)}


def test_processes_judge_by_the_catalog_that_they_were_begun_for(own: Catalog) -> None:
    path = own.stamdata / "form.csv"
    rows = path.read_text("utf-8").rstrip()
    path.write_text(f"{rows}\nbrevdue,{rows.splitlines()[-1].partition(',')[2]}\n", "utf-8")
    data = (DECLARATION + samtale(1, form="brevdue")).encode()
    carried = tuple(version.tag for version in own.versions)

    def blocks() -> list[Block]:
        start = data.index(b"<samtale")
        return [Block(messages=(CutMessage(start, len(data), 2, data[start:]),)) for _ in range(3)]

    run, how = in_processes(2), Inspection(b"key", carried=carried)
    # Both are begun before either has processes.
    with_it, without = run(Catalog(own.xsd, own.stamdata), how, iter(blocks())), run(shipped(), how, iter(blocks()))
    verdicts = [
        {
            found.report if isinstance(found.report, str) else found.report.verdict
            for _, each in results
            for found in each.found()
        }
        for results in (with_it, without)
    ]
    assert verdicts == [{own.versions[0].tag}, {"rejected"}]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_that_is_forked_while_a_thread_compiles_can_compile_too(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(FORKED, "utf-8")
    done = program(path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "compiled\nboth go on\n", "")


FORKED = """
import os, threading, warnings
from exchange.model import lazy
from exchange.model import resources
from exchange.xml import parsing

schema = resources.xsd_folder() / "samtale.v1.xsd"
held, forking = threading.Event(), threading.Event()

def compile_for_long():
    with lazy.COMPILING:
        held.set()
        forking.wait()

warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
thread = threading.Thread(target=compile_for_long)
thread.start()
held.wait()
# It lets go while the main thread is in the middle of its fork, or before: it waits for that.
threading.Timer(0.2, forking.set).start()
pid = os.fork()
if pid == 0:
    parsing.Judge(schema)
    os.write(1, b"compiled\\n")
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
thread.join()
parsing.Judge(schema)
print("both go on")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("work", ["verdict", "certificate"])
def test_a_process_that_is_forked_while_a_thread_works_can_work_too(tmp_path: Path, work: str) -> None:
    path = tmp_path / "program.py"
    path.write_text(FORKED_AT_WORK, "utf-8")
    done = program(path, work)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


FORKED_AT_WORK = """
import os, signal, sys, threading, warnings
from cryptography import x509
from exchange.findings.finding import Report
from exchange.signatures import loading

in_the_middle, forked = threading.Event(), threading.Event()

class Slow(dict):
    def values(self):
        if threading.current_thread() is thread:
            in_the_middle.set()
            forked.wait()
        return super().values()

def load(der):
    Slow().values()
    raise ValueError

x509.load_der_x509_certificate = load

def verdict():
    Report((), Slow(secure="passed")).verdict

def certificate():
    loading.strangers(threading.current_thread().name.encode())

work = globals()[sys.argv[1]]
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
thread = threading.Thread(target=work)
thread.start()
in_the_middle.wait()
pid = os.fork()
if pid == 0:
    signal.alarm(200)  # ends a process that waits for ever
    threading.current_thread().name = "child"
    work()
    os.write(1, b"done\\n")
    os._exit(0)
status = os.waitpid(pid, 0)[1]
forked.set()
thread.join()
sys.exit(status != 0)
"""


# An inbox


@pytest.mark.parametrize("shared", [True, False], ids=["one inbox", "an inbox each"])
def test_threads_that_make_a_new_inbox_at_once(tmp_path: Path, shared: bool) -> None:
    path = tmp_path / "program.py"
    path.write_text(INBOXES, "utf-8")
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        done = program(path, *(folder / ("one.db" if shared else f"{thread}.db") for thread in range(6)))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


INBOXES = """
import sys, threading
from datetime import UTC, datetime
from exchange import inbox

barrier = threading.Barrier(len(sys.argv) - 1)

def make(path):
    barrier.wait()
    with inbox.open(path) as box:
        assert list(box.list(at=datetime.now(UTC))) == []

def told(fault):
    print(fault.exc_type.__name__, fault.exc_value)

threading.excepthook = told
threads = [threading.Thread(target=make, args=(path,)) for path in sys.argv[1:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
