"""Runs the Autobahn suite's cases of sections 1 to 7 against `app.websocket` and prints a table."""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from bench.autobahn.server import Server

SECTIONS = {
    1: "Framing",
    2: "Pings and pongs",
    3: "Reserved bits",
    4: "Opcodes",
    5: "Fragmentation",
    6: "UTF-8",
    7: "Close handshake",
}
FINE = {"OK", "INFORMATIONAL"}
AGENT = "patchbay"
DEADLINE = 600  # Seconds for the whole suite, which takes well under one minute.


def main() -> int:
    """Run the suite; return 1 when a case fails and 2 when none was run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wstest", default="wstest", help="path of Autobahn's command")
    parser.add_argument("--cases", nargs="+", default=[f"{number}.*" for number in SECTIONS])
    options = parser.parse_args()

    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        outcomes = fuzz(options.wstest, options.cases, server.server_address[1])
        server.shutdown()

    print(table(outcomes))
    exceptions = {case: kind for case, kind in outcomes.items() if kind != ("OK", "OK")}
    for case, (behaviour, closing) in exceptions.items():
        print(f"{case}: {behaviour}, close {closing}")
    if not outcomes:
        return 2
    return int(any(not FINE.issuperset(kind) for kind in outcomes.values()))


def fuzz(wstest: str, cases: list[str], port: int) -> dict[str, tuple[str, str]]:
    """Let Autobahn's fuzzing client run; return each case's verdicts on messages and closing."""
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder, "reports")
        specification = {
            "outdir": str(reports),
            "servers": [{"agent": AGENT, "url": f"ws://127.0.0.1:{port}"}],
            "cases": cases,
            "exclude-cases": [],
            "exclude-agent-cases": {},
        }
        path = Path(folder, "specification.json")
        path.write_text(json.dumps(specification))
        subprocess.run(
            [wstest, "-m", "fuzzingclient", "-s", str(path)],
            check=True,
            timeout=DEADLINE,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        results = json.loads((reports / "index.json").read_text())[AGENT]
    ordered = sorted(results, key=lambda case: [int(part) for part in case.split(".")])
    return {case: (results[case]["behavior"], results[case]["behaviorClose"]) for case in ordered}


def table(outcomes: dict[str, tuple[str, str]]) -> str:
    """Render counts per section in Markdown; a case counts by its worse verdict."""
    counts = Counter((int(case.split(".")[0]), worse(kind)) for case, kind in outcomes.items())
    rows = ["| section | cases | passed | non-strict | informational | failed |", "|---" * 6 + "|"]
    for number, name in SECTIONS.items():
        found = {kind: count for (section, kind), count in counts.items() if section == number}
        total = sum(found.values())
        known = [found.get(kind, 0) for kind in ("OK", "NON-STRICT", "INFORMATIONAL")]
        cells = [f"{number} {name}", total, *known, total - sum(known)]
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def worse(kind: tuple[str, str]) -> str:
    """Return the less favourable of the two verdicts on a case."""
    ranks = ["OK", "INFORMATIONAL", "NON-STRICT"]
    return max(kind, key=lambda verdict: ranks.index(verdict) if verdict in ranks else len(ranks))


if __name__ == "__main__":
    sys.exit(main())
