"""What is made when it is first asked for, by one thread at a time: the rest of the process's threads wait for it.

Two threads that ask for a `functools.cached_property` at once both make it (from Python 3.12 on; `functools.cache` in every
version). That does no harm where the same is only worked out twice. What compiles a schema uses `locked_property`, and a
value of which there is to be one in the process `once`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")

COMPILING = threading.RLock()
"""Held while a schema is compiled, whichever it is: libxml2 sets up its table of built-in types with the first schema of
the process, and lxml its loader of included files with each. Both are global, and neither has a lock of its own."""

if hasattr(os, "register_at_fork"):
    # A process that is forked while another thread compiles would wait for that thread for ever, with libxml2 half set up.
    os.register_at_fork(before=COMPILING.acquire, after_in_parent=COMPILING.release, after_in_child=COMPILING.release)


class locked_property(cached_property[T]):  # noqa: N801  # it is used as `cached_property` is
    """A cached property that one thread makes, while others that ask for it wait."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | T:
        """Return the value, and make it unless it is there."""
        # Where it is there already, Python finds it among the instance's attributes and does not come here.
        with COMPILING:
            return super().__get__(instance, owner)


def compile_all(instance: object) -> None:
    """Have every `locked_property` of an object made now. Raises what making one raises."""
    for name, attribute in vars(type(instance)).items():
        if isinstance(attribute, locked_property):
            getattr(instance, name)


def once(make: Callable[[], T]) -> Callable[[], T]:
    """Make a function that gives one value for the whole process, whichever threads call it first."""
    made: list[T] = []

    @wraps(make)
    def get() -> T:
        if not made:
            with COMPILING:
                if not made:
                    made.append(make())
        return made[0]

    return get
