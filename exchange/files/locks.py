"""Locks on open files, on every system: one process at a time works on what a file stands for."""

from __future__ import annotations

import errno

_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system without locks says. To refuse to work there would help nobody."""


def locked(descriptor: int) -> bool:
    """Lock an open file until it is closed, without waiting; False if another process has it. Raises OSError."""
    import portalocker
    from portalocker import portalocker as lockers

    flags = portalocker.LOCK_EX | portalocker.LOCK_NB
    # Not flock: that lock would be inherited by the processes that judge, and outlive a run that was killed.
    locker = getattr(lockers, "LockfLocker", None)
    try:
        if locker is not None:
            locker().lock(descriptor, flags)
        else:  # Windows, where nothing is inherited
            portalocker.lock(descriptor, flags)
    except portalocker.AlreadyLocked:
        return False
    except portalocker.LockException as error:
        cause = error.args[0] if error.args else None
        number = cause.errno if isinstance(cause, OSError) else errno.EIO
        if number not in _NO_LOCKS:
            raise OSError(number, error.strerror) from None
    return True
