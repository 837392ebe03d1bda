"""Runs the stages of script/test, counts what they report, and says so at the end."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

from processes import ROOT


@dataclasses.dataclass
class Counts:
    """How many checks passed, failed and were left out."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


@dataclasses.dataclass
class Outcome:
    """What one command said: its exit status and its output."""

    status: int
    text: str


def run(command, *, cwd=ROOT, env=None, limit=None) -> Outcome:
    """Runs a command, showing its output as it comes and keeping it."""
    environment = {**os.environ, "CARGO_TERM_PROGRESS_WHEN": "never", "NO_COLOR": "1", **(env or {})}
    child = subprocess.Popen(
        [str(part) for part in command], cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )
    watchdog = Watchdog(child, limit)
    lines = []
    try:
        for raw in child.stdout:
            line = raw.decode(errors="replace")
            lines.append(line)
            sys.stdout.write(line)
            sys.stdout.flush()
        return Outcome(child.wait(), "".join(lines))
    finally:
        watchdog.cancel()


class Watchdog:
    """Ends a command's whole process group at its time limit, or when the run itself ends early."""

    def __init__(self, child, limit):
        self.child, self.previous = child, None
        if limit:
            self.previous = signal.signal(signal.SIGALRM, lambda *_: self.end(f"no end after {limit} s"))
            signal.alarm(limit)

    def end(self, why):
        print(f"stopped: {why}")
        os.killpg(self.child.pid, signal.SIGKILL)

    def cancel(self):
        if self.previous is not None:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, self.previous)
        if self.child.poll() is None:
            self.end("the run is being stopped")
            self.child.wait()


def one_check(outcome: Outcome) -> Counts:
    """A command that either holds or does not."""
    return Counts(passed=1) if outcome.status == 0 else Counts(failed=1)


def preparation(outcome: Outcome) -> Counts:
    """A step that tests nothing itself: counted only when it fails."""
    return Counts() if outcome.status == 0 else Counts(failed=1)


WORDS = {"passed": "passed", "failed": "failed", "timed out": "failed", "exec failed": "failed", "skipped": "skipped", "todo": "skipped"}


def counted_line(outcome: Outcome, pattern: str) -> Counts:
    """Counts from the last line that matches, such as `12 passed, 1 failed`; a bad exit is never a pass."""
    found = re.findall(pattern, outcome.text, re.MULTILINE)
    counts = Counts()
    if found:
        for number, word in re.findall(r"(\d+) (passed|failed|timed out|exec failed|skipped|todo)", found[-1]):
            name = WORDS[word]
            setattr(counts, name, getattr(counts, name) + int(number))
    if outcome.status != 0 and counts.failed == 0:
        counts.failed = 1
    if not found and outcome.status == 0:
        print("no count in the output: taken as a failure")
        counts.failed = 1
    return counts


def junit(outcome: Outcome, path) -> Counts:
    """Counts from a JUnit report; a missing report or a bad exit is never a pass."""
    counts = Counts()
    if path.exists():
        for case in ElementTree.parse(path).iter("testcase"):
            kinds = {child.tag for child in case}
            if kinds & {"failure", "error"}:
                counts.failed += 1
            elif "skipped" in kinds:
                counts.skipped += 1
            else:
                counts.passed += 1
    if (outcome.status != 0 or counts.passed == 0) and counts.failed == 0:
        counts.failed = 1
    return counts


class Run:
    """The stages in order, with their time and their counts."""

    def __init__(self):
        self.rows, self.started = [], time.monotonic()

    def stage(self, name, function, *arguments) -> Counts:
        """Runs one stage; one that cannot even start is one failure, and the run goes on."""
        print(f"\n=== {name}", flush=True)
        began = time.monotonic()
        try:
            counts = function(*arguments)
        except (OSError, RuntimeError, ValueError, LookupError, subprocess.SubprocessError) as error:
            print(f"{name}: {error}")
            counts = Counts(failed=1)
        seconds = time.monotonic() - began
        self.rows.append((name, counts, seconds))
        print(f"=== {name}: {counts} in {seconds:.0f} s", flush=True)
        return counts

    def close(self) -> int:
        """Prints the table and the closing line; the exit status."""
        print("\n=== summary")
        for name, counts, seconds in self.rows:
            mark = "FAIL" if counts.failed else "SKIP" if counts.skipped else "ok"
            print(f"{mark:>4}  {seconds:6.0f} s  {name:<24} {counts}")
        total = sum((counts for _, counts, _ in self.rows), Counts())
        print(f"      {time.monotonic() - self.started:6.0f} s  in all")
        if total.skipped:
            print(f"\n!!! {total.skipped} SKIPPED: see the stages marked above; what was skipped was not tested\n")
        print(total, flush=True)
        return 1 if total.failed or total.passed == 0 else 0
