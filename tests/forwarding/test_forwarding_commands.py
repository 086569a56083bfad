"""exchange forward: what it says and gives back, which program it asks and how, and what it leaves when something fails."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import DECLARATION, delivery, place, samtale
from support.delivery_runs import PROGRAM, Result, make_blocks_small, write
from support.little_room import little_room
from support.mischief import DEADLY, die
from support.waiting import PATIENCE, until

from exchange import cli
from exchange.deliveries.folder_lock import locked_folder
from exchange.forwarding import RouteCommand, RouteCommandFault, forwarding

HERE = Path(__file__).parents[1] / "forwarding"
WHOLE, ROUTE = HERE / "delivery.xml", HERE / "route.csv"
PERSONS = re.findall("<personnummer>([0-9]{10})<", WHOLE.read_text("utf-8"))

Forward = Callable[..., Result]


@pytest.fixture
def forward(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Forward:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> Result:
        code = cli.run(["forward", *map(str, arguments)])
        result = Result(code, *capfd.readouterr())
        told = result.out + result.err
        assert not [person for person in PERSONS if person[:6] in told]
        return result

    return run


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def program(folder: Path, text: str) -> str:
    """Write a program; give the command that begins it."""
    path = folder / "program.py"
    path.write_text(f"import os, sys, time\n{text}", encoding="utf-8")
    return shlex.join([sys.executable, str(path)])


# What it says


def test_it_says_where_each_kommunes_messages_are_and_why_others_are_in_none(forward: Forward, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = forward(WHOLE, "--route", ROUTE, "--out", out)
    assert result.code == 1
    assert result.out.splitlines() == [
        f"{out}/0101/AKAS067_LEVERANCE_20261120150000_4a10e1db-51f4-5096-b056-c7afe342c5ed.xml",
        f"{out}/0751/AKAS067_LEVERANCE_20261120150000_cdac3b73-541e-5185-9a74-5374a5792827.xml",
        f"{out}/rest/AKAS067_LEVERANCE_20261120150000_66e481ea-136d-529a-8950-9d7e48fecab0.xml",
    ]
    assert result.err.splitlines() == [
        f"{WHOLE}:12: message 6 (00000000-0000-4000-8000-000000000006): rejected (samtale 1); not checked: rules",
        f"{place(WHOLE, 12, '<form>')}: error code-unknown at /samtale/form: is not a code in the list form (got 'brevdue') "
        "[§ 87, stk. 1, nr. 5]",
        "    hint: The codes are personlig, telefonisk, video, digital, brev, anden, moede-paa-arbejde. "
        "`exchange codes form` shows the codes.",
        f"{WHOLE}: accepted (leverance 1)",
        f"{WHOLE}:10: warning kommune-unknown-for-person at /leverance/kravTilJobsoegning[1]/person: "
        "the route file has no kommune for this person [§ 87, stk. 5]",
        "    hint: The message is valid and was put in the remainder. Complete the route file, then forward the remainder.",
        "kommune codes of three digits read as four: 1; STAR uses both forms",
        "messages: 7; 5 forwarded, kommuner: 2; 1 in the remainder, 1 rejected and left out",
    ]
    assert files(out) == files(HERE / "expected")


def test_in_danish(forward: Forward, tmp_path: Path) -> None:
    result = forward(WHOLE, "--route", ROUTE, "--out", tmp_path / "out", "--lang", "da")
    assert result.err.splitlines()[-2:] == [
        "kommunekoder på tre cifre læst som fire: 1; STAR bruger begge former",
        "beskeder: 7; 5 videresendt, kommuner: 2; 1 i resten, 1 afvist og udeladt",
    ]
    assert "person: rutefilen har ingen kommune for personen [§ 87, stk. 5]" in result.err


def test_if_every_message_has_its_kommune_all_is_fine(forward: Forward, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1))
    (tmp_path / "r.csv").write_text(f"personnummer,kommune\n{PERSONS[0]},0101\n", encoding="utf-8")
    result = forward(whole, "--route", tmp_path / "r.csv", "--out", tmp_path / "out")
    assert (result.code, len(result.out.splitlines())) == (0, 1)
    assert result.err == "messages: 1; 1 forwarded, kommuner: 1; 0 in the remainder, 0 rejected and left out\n"


def test_an_earlier_run_is_named_by_its_folder(forward: Forward, tmp_path: Path) -> None:
    assert forward(WHOLE, "--route", ROUTE, "--out", tmp_path / "one").code == 1
    later = write(tmp_path / "d.xml", samtale(8, person=PERSONS[3], about=("annuller", 1)))
    arguments = (later, "--route", ROUTE, "--earlier", tmp_path / "one", "--out", tmp_path / "two")
    result = forward(*arguments)
    assert (result.code, Path(result.out.strip()).parent) == (0, tmp_path / "two" / "0101")
    (tmp_path / "one" / "messages.jsonl").write_text("", encoding="utf-8")
    damaged = forward(*arguments, "--overwrite")
    assert damaged.code == 2
    assert "messages.jsonl – not as its manifest says" in damaged.err
    assert Path(result.out.strip()).exists()


# Wrong usage


def test_one_route_is_wanted(forward: Forward, tmp_path: Path) -> None:
    for route in ((), ("--route", ROUTE, "--route-command", "true")):
        result = forward(WHOLE, *route, "--out", tmp_path / "out")
        assert (result.code, result.out) == (2, "")
        assert "expected --route FILE or --route-command COMMAND" in result.err
    for command in ("", " ", "'true"):
        result = forward(WHOLE, "--route-command", command, "--out", tmp_path / "out")
        assert (result.code, result.out) == (2, "")
        assert "--route-command: expected a program with its arguments, and closed quotes" in result.err
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_in_a_route_is_told_by_file_and_line(forward: Forward, tmp_path: Path) -> None:
    route = tmp_path / f"{PERSONS[0]}.csv"
    route.write_text(f"personnummer,kommune\n{PERSONS[0]},0101\n{PERSONS[1]},{PERSONS[2]}\n", encoding="utf-8")
    result = forward(WHOLE, "--route", route, "--out", tmp_path / "out")
    assert (result.code, result.out) == (2, "")
    assert f"{tmp_path}/**********.csv: line 3: kommune – not in the code list" in result.err
    missing = forward(WHOLE, "--route", tmp_path / "none.csv", "--out", tmp_path / "out")
    assert (missing.code, missing.err) == (3, f"exchange: No such file or directory: {tmp_path}/none.csv\n")
    assert list(tmp_path.iterdir()) == [route]


def test_a_folder_is_replaced_only_if_asked_and_if_it_is_an_earlier_result(forward: Forward, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = (WHOLE, "--route", ROUTE, "--out", out)
    forward(*arguments)
    again = forward(*arguments)
    assert (again.code, again.out) == (2, "")
    assert f"{out} exists; --overwrite replaces it" in again.err
    assert forward(*arguments, "--overwrite").code == 1
    assert files(out) == files(HERE / "expected")
    (out / "mine").write_text("mine", encoding="utf-8")
    foreign = forward(*arguments, "--overwrite")
    assert foreign.code == 2
    assert "holds something else than deliveries that were passed on" in foreign.err
    assert (out / "mine").exists()


def test_one_command_at_a_time_works_on_a_folder(forward: Forward, tmp_path: Path) -> None:
    lock = "import sys; from pathlib import Path; from exchange.deliveries.folder_lock import locked_folder\n"
    held = f"{lock}with locked_folder(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    out = tmp_path / "out"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", held, str(out)], stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        result = forward(WHOLE, "--route", ROUTE, "--out", out)
        other.communicate()
    assert result.code == 2
    assert "another command is at work on it" in result.err
    with locked_folder(out):
        pass
    assert list(tmp_path.iterdir()) == []


# A delivery that is not passed on


@pytest.mark.parametrize("text", [delivery(samtale(1), antal=3), delivery(samtale(1))[:-9], samtale(1)])
def test_of_a_delivery_that_is_itself_refused_nothing_is_written(forward: Forward, tmp_path: Path, text: str) -> None:
    whole = tmp_path / "d.xml"
    whole.write_text(DECLARATION + text, encoding="utf-8")
    result = forward(whole, "--route", ROUTE, "--out", tmp_path / "out")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{whole}")
    assert result.err.endswith("\nnothing was written\n")
    assert list(tmp_path.iterdir()) == [whole]


def test_if_a_check_did_not_run_nothing_is_written(
    forward: Forward, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_blocks_small(monkeypatch)
    monkeypatch.setattr(forwarding, "content_of", die)
    whole = write(tmp_path / "d.xml", *(samtale(number) for number in range(1, DEADLY + 10)))
    result = forward(whole, "--route", ROUTE, "--out", tmp_path / "out", "--jobs", 2)
    assert (result.code, result.out) == (3, "")
    said = result.err.splitlines()
    assert said[0].startswith(f"{whole}#{DEADLY}: undetermined")
    assert said[-1] == "a check did not run, so no message was forwarded"
    assert [path.name for path in tmp_path.iterdir()] == ["d.xml"]


# A program is asked

LOOKUP = """
known = {"0101405000": "0101", "0202415001": "751", "0404435003": "0751"}
with open(os.path.dirname(__file__) + "/asked", "a") as asked:
    print("begun with", len(sys.argv), "arguments", file=asked)
    print("not to be seen:", *known, file=sys.stderr, flush=True)
    for line in sys.stdin:
        print(line.strip(), file=asked)
        print(known.get(line.strip(), ""), flush=True)
    print("ended", file=asked)
"""


def test_a_program_is_begun_once_and_asked_for_no_person_twice(forward: Forward, tmp_path: Path) -> None:
    result = forward(WHOLE, "--route-command", program(tmp_path, LOOKUP), "--out", tmp_path / "out")
    assert result.code == 1
    assert result.err.splitlines()[-2:] == [
        "kommune codes of three digits read as four: 1; STAR uses both forms",
        "messages: 7; 5 forwarded, kommuner: 2; 1 in the remainder, 1 rejected and left out",
    ]
    assert files(tmp_path / "out") == files(HERE / "expected")
    asked = (tmp_path / "asked").read_text("utf-8").splitlines()
    assert (asked[0], asked[-1]) == ("begun with 1 arguments", "ended")
    assert sorted(asked[1:-1]) == sorted(set(PERSONS))


def test_its_arguments_are_told_apart_as_a_shell_does_but_there_is_no_shell(forward: Forward, tmp_path: Path) -> None:
    text = "assert sys.argv[1:] == ['a b', '$HOME', ';']\nfor line in sys.stdin: print('0101', flush=True)"
    command = f"{program(tmp_path, text)} 'a b' $HOME ';'"
    assert forward(WHOLE, "--route-command", command, "--out", tmp_path / "out").code == 1
    assert (tmp_path / "out" / "0101").is_dir()


def test_a_program_is_not_begun_if_there_is_nobody_to_ask_for(forward: Forward, tmp_path: Path) -> None:
    refused = write(tmp_path / "d.xml", samtale(1, form="brevdue"))
    result = forward(refused, "--route-command", str(tmp_path / "nothing"), "--out", tmp_path / "out")
    assert (result.code, result.out) == (1, "")


ANSWER = "for line in sys.stdin:\n    print('0101', flush=True)\n"
NO_KOMMUNE = "no kommune – expected a line with a code of the list, e.g. 0101, or an empty one"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sys.exit(7)", "ended with 7 after 0 answers"),
        ("sys.stdin.readline(); print('0101', flush=True); sys.exit(7)", "ended with 7 after 1 answers"),
        ("sys.stdin.readline(); print('0101', flush=True)", "ended with 0 after 1 answers"),
        ("os.kill(os.getpid(), 9)", "ended with -9 after 0 answers"),
        ("os.close(0); time.sleep(600)", "no answer within 0.5 seconds"),
        ("time.sleep(600)", "no answer within 0.5 seconds"),
        ("sys.stdin.read()", "no answer within 0.5 seconds"),
        (ANSWER.replace("0101", "0100"), f"answer 1 – {NO_KOMMUNE}"),
        (ANSWER.replace("'0101'", "line.strip()"), f"answer 1 – {NO_KOMMUNE}"),
        (ANSWER.replace("0101", "København"), f"answer 1 – {NO_KOMMUNE}"),
        ("sys.stdin.readline(); print('0101', end='')", f"answer 1 – {NO_KOMMUNE}"),
        ("while True: print('x' * 1000, end='')", f"answer 1 – {NO_KOMMUNE}"),
        ("print('ready', flush=True); sys.stdin.read()", f"answer 1 – {NO_KOMMUNE}"),
        (f"sys.stdin.readline()\nprint('0101', flush=True)\n{ANSWER}print()", "more answers than questions"),
        (f"{ANSWER}print('0101')", "more answers than questions; expected one line for each"),
        (f"{ANSWER}sys.exit(1)", "ended with 1 after 4 answers"),
    ],
)
def test_a_program_that_fails_is_told_of_and_nothing_is_written(
    forward: Forward, tmp_path: Path, text: str, said: str
) -> None:
    noting = (
        "here = os.path.dirname(__file__)\n"
        "with open(here + '/noted', 'w') as file: file.write(str(os.getpid()))\n"
        "os.rename(here + '/noted', here + '/pid')\n"
    )
    command = program(tmp_path, noting + text)
    # One that is to begin or to answer first is given time for that.
    timeout = 0.5 if "0.5" in said else PATIENCE
    result = forward(WHOLE, "--route-command", command, "--timeout", timeout, "--out", tmp_path / "out")
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("exchange: --route-command: ")
    assert said in result.err
    assert len(result.err.splitlines()) == 1
    if (tmp_path / "pid").exists():  # half a second may be too short to begin in
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text("utf-8")), 0)
    assert sorted({path.name for path in tmp_path.iterdir()} - {"noted", "pid"}) == ["program.py"]


@pytest.mark.parametrize(
    "text",
    [
        "os.close(1); time.sleep(600)",
        f"{ANSWER}os.close(1); time.sleep(600)",
        f"{ANSWER}time.sleep(600)",
    ],
)
def test_a_program_that_does_not_end_is_told_of(tmp_path: Path, text: str) -> None:
    with RouteCommand(shlex.split(program(tmp_path, text)), PATIENCE, ending=0.1) as command:
        with pytest.raises(RouteCommandFault, match=r"had not ended 0\.1 seconds after the last answer$"):
            _ask(command)
        assert command._process is not None
    assert command._process.returncode == -signal.SIGKILL


def _ask(command: RouteCommand) -> None:
    for personnummer in dict.fromkeys(PERSONS):
        command(personnummer)
    command.finish()


class _SlowerThanItsProgram(RouteCommand):
    """Asks its first question when the program has done all that it does unasked."""

    def _start(self) -> subprocess.Popen[bytes]:
        process = super()._start()
        folder = Path(self._words[-1]).parent
        until(lambda: (folder / "done").exists())
        if (folder / "done").read_text("utf-8"):
            until(lambda: not self._lines.empty())
        return process


class _FasterThanItsProgram(RouteCommand):
    """Lets the program begin when the first question is asked."""

    def _next(self, seconds: float, fault: str) -> bytes:
        (Path(self._words[-1]).parent / "asked").touch()
        return super()._next(seconds, fault)


@pytest.mark.parametrize("kind", [_SlowerThanItsProgram, _FasterThanItsProgram])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print('ready', flush=True); done('printed'); sys.stdin.read()", f"answer 1 – {NO_KOMMUNE}"),
        ("print('x' * 9999, end='', flush=True); done('printed')", f"answer 1 – {NO_KOMMUNE}"),
        ("print('0101', flush=True); done('printed'); sys.exit(7)", "ended with 7 after 1 answers"),
        ("print('0101\\n' * 4, end='', flush=True); done('printed'); sys.stdin.read()", None),
        ("print('0101\\n' * 5, end='', flush=True); done('printed'); sys.stdin.read()", "more answers than questions"),
        (
            "print('0101\\n' * 999, end='', flush=True); done('printed'); sys.stdin.read()",
            "more answers than questions",
        ),
        ("done(''); sys.exit(7)", "ended with 7 after 0 answers"),
        ("os.close(0); done(''); time.sleep(600)", "no answer within 0.5 seconds"),
    ],
)
def test_what_is_said_of_a_program_does_not_depend_on_who_is_faster(
    tmp_path: Path, kind: type[RouteCommand], text: str, said: str | None
) -> None:
    beginning = (
        "here = os.path.dirname(__file__)\n"
        "def done(what):\n"
        "    with open(here + '/begun', 'w') as file: file.write(what)\n"
        "    os.rename(here + '/begun', here + '/done')\n"
    )
    if kind is _FasterThanItsProgram:
        beginning += "while not os.path.exists(here + '/asked'): time.sleep(0.01)\n"
    timeout = 0.5 if said and "0.5" in said else PATIENCE
    with kind(shlex.split(program(tmp_path, beginning + text)), timeout) as command:
        if said is None:
            _ask(command)
        else:
            with pytest.raises(RouteCommandFault, match=re.escape(said)):
                _ask(command)


def test_ctrl_c_while_the_program_is_started_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **options))
        signal.raise_signal(signal.SIGINT)
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with (
        pytest.raises(KeyboardInterrupt),
        RouteCommand(shlex.split(program(tmp_path, "time.sleep(600)")), PATIENCE) as command,
    ):
        command(PERSONS[0])
    (process,) = started
    code = process.poll()
    process.kill()
    assert code == -signal.SIGKILL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_answers_that_nobody_asked_for_do_not_pile_up(forward: Forward, tmp_path: Path) -> None:
    command = program(tmp_path, "while True: print('0101')")
    result = forward(WHOLE, "--route-command", command, "--out", tmp_path / "out")
    assert (result.code, result.out) == (3, "")
    assert "more answers than questions" in result.err


def test_a_program_that_is_not_there(forward: Forward, tmp_path: Path) -> None:
    result = forward(WHOLE, "--route-command", str(tmp_path / "nothing"), "--out", tmp_path / "out")
    assert (result.code, result.err) == (3, f"exchange: No such file or directory: {tmp_path}/nothing\n")
    assert list(tmp_path.iterdir()) == []


def test_with_a_program_end_those_that_it_began(forward: Forward, tmp_path: Path) -> None:
    text = (
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "with open(os.path.dirname(__file__) + '/pid', 'w') as file: file.write(str(child.pid))\n"
        "print('0100', flush=True)\nsys.stdin.read()"
    )
    result = forward(WHOLE, "--route-command", program(tmp_path, text), "--out", tmp_path / "out")
    assert result.code == 3
    child = Path("/proc", (tmp_path / "pid").read_text("utf-8"), "stat")
    until(lambda: not child.exists() or child.read_text("utf-8").split()[2] == "Z")


# On a full disk, in a closed folder, interrupted


def _child(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, "forward", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]  # options of any sort


def test_a_full_disk_leaves_nothing_half(tmp_path: Path) -> None:
    child = _child(WHOLE, "--route", ROUTE, "--out", tmp_path / "out", preexec_fn=little_room(1_500))
    said, err = child.communicate(timeout=PATIENCE)
    assert (child.returncode, said) == (3, b"")
    assert b"File too large" in err
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_to(forward: Forward, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.geteuid() == 0:
        # Of ordinary folders nothing is forbidden to root.
        closed = Path("/sys/kernel")
    result = forward(WHOLE, "--route", ROUTE, "--out", closed / "out")
    assert (result.code, result.out) == (3, "")
    assert re.search("Permission denied|Operation not permitted|Read-only file system", result.err)
    nowhere = forward(WHOLE, "--route", ROUTE, "--out", tmp_path / "none" / "out")
    assert (nowhere.code, nowhere.err) == (3, f"exchange: No such file or directory: {tmp_path}/none/out\n")


def test_ctrl_c_leaves_nothing_behind_and_the_program_is_gone(tmp_path: Path) -> None:
    text = "with open(os.path.dirname(__file__) + '/pid', 'w') as file: file.write(str(os.getpid()))\ntime.sleep(600)"
    command = program(tmp_path, text)
    with _child(WHOLE, "--route-command", command, "--out", tmp_path / "out", start_new_session=True) as child:
        pid = tmp_path / "pid"
        until(lambda: child.poll() is not None or (pid.exists() and pid.read_text("utf-8")))
        os.killpg(child.pid, signal.SIGINT)
        said, err = child.communicate(timeout=PATIENCE)
    assert (child.returncode, said, err) == (130, b"", b"\nexchange: interrupted\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text("utf-8")), 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pid", "program.py"]
