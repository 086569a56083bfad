"""The annotations of everything public can be resolved, as programs do that read types: web frameworks, for example."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import typing
from collections.abc import Iterator
from types import ModuleType

import exchange

LATE = {
    "exchange.distributed.on_dask",
    "exchange.distributed.validate_deliveries",
    "exchange.inbox.open",
    "exchange.outbox.open",
}
"""They name a type of, or one that needs, a package that is installed on demand and imported when it is used: Dask, SQLAlchemy."""


def _packages() -> list[ModuleType]:
    found = pkgutil.walk_packages(exchange.__path__, "exchange.")
    return [exchange, *(importlib.import_module(each.name) for each in found if each.ispkg)]


def _annotated(name: str, public: object) -> Iterator[tuple[str, object]]:
    """Yield what may have annotations: a function; a class, its constructor and its public methods."""
    if inspect.isfunction(public):
        yield name, public
    elif inspect.isclass(public):
        yield name, public
        for attribute, value in vars(public).items():
            method = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            if inspect.isfunction(method) and (attribute == "__init__" or not attribute.startswith("_")):
                yield f"{name}.{attribute}", method


def unresolved() -> dict[str, str]:
    """Return what cannot be resolved, with the reason; `resolved` counts the others."""
    packages = _packages()
    # What is imported when it is first used would be there for what comes later: so these come last.
    names = [(each, name, name in vars(each)) for each in packages for name in getattr(each, "__all__", ())]
    faults: dict[str, str] = {}
    resolved = 0
    for package, name, _ in sorted(names, key=lambda each: not each[2]):
        for label, public in _annotated(f"{package.__name__}.{name}", getattr(package, name)):
            try:
                typing.get_type_hints(public)
                resolved += 1
            except NameError as error:
                faults[label] = str(error)
    return {"resolved": str(resolved), **faults}


def test_the_annotations_of_everything_public_can_be_resolved() -> None:
    # In a process of its own, in which nothing was imported before.
    found = subprocess.run([sys.executable, __file__], capture_output=True, check=True, text=True)
    faults = json.loads(found.stdout)
    assert int(faults.pop("resolved")) > 250
    assert faults.keys() == LATE, faults


if __name__ == "__main__":
    sys.stdout.write(json.dumps(unresolved()))
