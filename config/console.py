"""What `./run` does once the virtual environment stands: start what a command needs, run it, stop what was started."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from config import launch, lint
from config.debian_programs import find_browser, find_sshd
from config.embedded import AlreadyRunning, ServerFailed
from config.embedded.place import CHECKOUT
from config.servers import servers_of_demo, servers_of_test
from config.supervisor import Site

# Of the tests: one more than the cores they are made for, as those of whole sites mostly wait.
PROCESSES = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status of the command; every process it started is gone when it returns, also after a signal."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    options, rest = _parser().parse_known_args(arguments)
    if rest and not options.takes_rest:
        _parser().error(f"unknown: {' '.join(rest)}")
    try:
        return int(options.handler(options, rest))
    except KeyboardInterrupt:
        return 130
    except (AlreadyRunning, ServerFailed) as problem:
        print(problem, file=sys.stderr)
        return 1


def demo(options: argparse.Namespace, _rest: Sequence[str]) -> int:
    """One request of each kind through the running site; then the site stays, unless --no-serve."""
    with servers_of_demo(os.environ, own=True) as environment, Site(environment) as site:
        play = ["play_demo", *(["--json", str(options.json.resolve())] if options.json else [])]
        status = site.run(launch.management_command(play), environment)
        if status == 0 and options.serve:
            site.serve()
        return status


def serve(_options: argparse.Namespace, _rest: Sequence[str]) -> int:
    """The site, with the data of the last demonstration, until Ctrl-C."""
    with servers_of_demo(os.environ, own=True) as environment, Site(environment) as site:
        site.serve()
    return 0


def manage(_options: argparse.Namespace, rest: Sequence[str]) -> int:
    """A management command against the running servers, or against servers started for it alone."""
    with servers_of_demo(os.environ, own=False) as environment:
        return foreground(launch.management_command(rest), launch.management_environment(rest, environment))


def test(options: argparse.Namespace, rest: Sequence[str]) -> int:
    """pytest with new servers, in three processes unless a place is named; its own closing line comes last."""
    found = {"CHROMIUM": find_browser(), "SSHD": find_sshd()}
    with servers_of_test(os.environ) as environment:
        environment |= {name: path for name, path in found.items() if path}
        environment |= {"WR_LONG": "1"} if options.long else {}
        shared = [] if rest else [f"--numprocesses={PROCESSES}"]
        return foreground([sys.executable, "-m", "pytest", *shared, *rest], environment)


def bench(options: argparse.Namespace, rest: Sequence[str]) -> int:
    """bench/NAME.py with new servers."""
    with servers_of_test(os.environ) as environment:
        return foreground([sys.executable, "-m", f"bench.{options.name}", *rest], environment)


def check(_options: argparse.Namespace, _rest: Sequence[str]) -> int:
    """Every linter, also after one failed."""
    return lint.run()


def foreground(command: Sequence[str | Path], environment: Mapping[str, str]) -> int:
    """The command's exit status; a signal to us ends it first, with time to clean up."""
    process = subprocess.Popen(command, env=dict(environment), cwd=CHECKOUT)
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, handler: object, *, takes_rest: bool = False) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=handler.__doc__, allow_abbrev=False, add_help=not takes_rest)
        added.set_defaults(handler=handler, takes_rest=takes_rest)
        return added

    playing = command("demo", demo)
    playing.add_argument("--no-serve", dest="serve", action="store_false", help="stop when the requests are closed")
    playing.add_argument("--json", type=Path, metavar="FILE", help="write what came out to FILE")
    command("serve", serve)
    command("manage", manage, takes_rest=True)
    testing = command("test", test, takes_rest=True)
    testing.add_argument("--long", action="store_true", help="the big counts of fuzzing, killing and faults")
    command("bench", bench, takes_rest=True).add_argument("name")
    command("lint", check)
    return parser


if __name__ == "__main__":
    sys.exit(main())
