"""Write a text in one step: readers see the old file or the new one, never a part."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from mtfix.errors import InputError


def write_atomic(path: Path, text: str | bytes) -> None:
    """Put `text`, a string as UTF-8 with line ends untouched, into the file at `path`.

    A link is followed and stays a link; permission bits stay as they are. On any failure the file is
    as before and no temporary file is left. Raises InputError when it cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        data = text.encode("utf-8") if isinstance(text, str) else text
        mode = _mode(path, target)
        _replace(target, data, mode)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path}: the text holds half a surrogate pair at {error.start}; it is not Unicode."
        ) from error
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error


def check_writable(path: Path) -> None:
    """InputError now, where `write_atomic` would raise it after the work; a full disk shows only then."""
    target = Path(os.path.realpath(path))
    try:
        _mode(path, target)
        with TemporaryFile(prefix=".mtfix-", suffix=".tmp", dir=target.parent):
            pass
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(f"{path}: cannot be written ({reason}); check the folder and its permissions.")


def _mode(path: Path, target: Path) -> int | None:
    """Permission bits of the file that is there, None when there is none yet."""
    try:
        status = target.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        # a folder, a device, a pipe, or a link that leads back to itself: replacing it would destroy it
        raise InputError(f"{path}: is not a regular file; name another output.")
    if not os.access(target, os.W_OK):
        # a rename would get round the write protection
        raise InputError(f"{path}: is write-protected; change its permissions or name another output.")
    return stat.S_IMODE(status.st_mode)


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    temporary = target.with_name(f".mtfix-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            if mode is not None:
                # before the first byte, so that a private text is never readable by others
                os.chmod(temporary, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
