"""Where the embedded servers may live, and as whom they run.

PostgreSQL refuses to run as root, and an unprivileged user cannot enter a checkout below a folder of mode 700. So root
keeps programs and data in a folder of its own below /var/lib, named in `.run/servers-folder`; everyone else keeps them
below `.run/` and runs them as themselves.
"""

import fcntl
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
RUN_FOLDER = CHECKOUT / ".run"
POINTER = "servers-folder"
SYSTEM_FOLDER = Path("/var/lib/wage-records")
UNPRIVILEGED_USER = "nobody"
SCRATCH = "scratch-"
IN_USE = "in-use"
MAKING = "making-scratch"


@dataclass(frozen=True)
class Account:
    """The numeric user and group a server runs as."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """A folder for programs and data; `account` is who runs them, None for ourselves."""

    root: Path
    account: Account | None

    def own_folder(self, path: Path) -> Path:
        """`path` made (if new) for the server's account alone: mode 700; an existing link or stranger's is refused."""
        if not path.exists() and not path.is_symlink():
            path.mkdir(mode=0o700)
            if self.account:
                os.chown(path, self.account.uid, self.account.gid)
        owner = self.account.uid if self.account else os.geteuid()
        _refuse_unless_owned(path, owner)
        return path

    def programs(self, folder: Path, *parts: str) -> Path:
        """`folder` where the server's account can run `parts` of it: in place for us, copied below `root` for root.

        The copy keeps the parts' places relative to each other (shared libraries are found that way). It is written
        beside and renamed, so that an interrupted one is never used, and named after the first part's time, so that a
        newer wheel gets a new copy.
        """
        if self.account is None:
            return folder
        target = self.root / "programs" / f"{Path(parts[0]).name}-{(folder / parts[0]).stat().st_mtime_ns}"
        if not target.exists():
            target.parent.mkdir(mode=0o755, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(dir=target.parent))
            for part in parts:
                _copy(folder / part, unfinished / part)
            unfinished.chmod(0o755)
            unfinished.rename(target)
        return target

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A new folder that servers of this place may enter; removed at the end with all that is in it.

        What a killed process left behind is removed by the next one: its lock on IN_USE is gone.
        """
        with ExitStack() as held:
            with (self.root / MAKING).open("w") as one_at_a_time:  # a new one, not locked yet, looks abandoned
                fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
                self._remove_abandoned()
                folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=self.root))
                fcntl.flock(held.enter_context((folder / IN_USE).open("w")), fcntl.LOCK_EX)
            if self.account:
                folder.chmod(0o711)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def _remove_abandoned(self) -> None:
        for marker in self.root.glob(f"{SCRATCH}*/{IN_USE}"):
            with suppress(FileNotFoundError), marker.open() as lock:  # its maker may be ending just now
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                _remove_but_last(marker)


def _remove_but_last(marker: Path) -> None:
    """`marker`'s folder removed, the marker last: a dying server may still write, and then the next one finds it."""
    for path in marker.parent.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path != marker:
            path.unlink(missing_ok=True)
    if list(marker.parent.iterdir()) == [marker]:
        shutil.rmtree(marker.parent, ignore_errors=True)


def find_place(run_folder: Path = RUN_FOLDER) -> Place:
    """The place of the checkout that `run_folder` belongs to; made on the first call, the same on later ones."""
    run_folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() != 0:
        root = run_folder / "servers"
        root.mkdir(mode=0o700, exist_ok=True)
        return Place(root, None)
    account = pwd.getpwnam(UNPRIVILEGED_USER)
    return Place(_folder_of_root(run_folder / POINTER), Account(account.pw_uid, account.pw_gid))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def _folder_of_root(pointer: Path) -> Path:
    """The folder the pointer names if it is still ours; else a new one, and a new pointer."""
    if pointer.exists():
        root = Path(pointer.read_text().strip())
        if root.is_dir():
            _refuse_unless_owned(root, 0)
            return root
    root = _new_folder()
    root.chmod(0o711)
    pointer.write_text(f"{root}\n")
    return root


def _new_folder() -> Path:
    """An unguessable new folder, so that nobody can have made it before us."""
    try:
        SYSTEM_FOLDER.mkdir(mode=0o711, exist_ok=True)
        _refuse_unless_owned(SYSTEM_FOLDER, 0)
        return Path(tempfile.mkdtemp(dir=SYSTEM_FOLDER))
    except OSError:  # /var/lib is read-only in some containers
        return Path(tempfile.mkdtemp(prefix="wage-records-"))


def _refuse_unless_owned(path: Path, uid: int) -> None:
    """A real folder of `uid` that nobody else may write."""
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != uid or facts.st_mode & 0o022:
        raise PermissionError(f"{path} must be a folder that only user {uid} may write; remove it and start again.")
