"""Schemathesis over every query and mutation of the program at CARNET_URL, which fuzz.test.mjs starts for it.

Whatever is asked, the answer has a status that is no fault of the server, and is JSON: data, or errors of which
each says by its code what is wrong with the question. The seed is fixed: each run asks the same.
"""

from __future__ import annotations

import datetime
import os
import sys
import time
from collections import Counter

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

URL = os.environ["CARNET_URL"]
HEADERS = {
    "Authorization": f"Bearer {os.environ['CARNET_TOKEN']}",
    "Accept": "application/graphql-response+json",
}
SEED = int(os.environ.get("CARNET_FUZZ_SEED", "42"))
# How many documents are made for each field of Query and of Mutation.
EXAMPLES = int(os.environ.get("CARNET_FUZZ_EXAMPLES", "12"))
# After so many seconds no other field is begun, and the run fails: it would say more than it looked at.
BOUND_S = int(os.environ.get("CARNET_FUZZ_BOUND_S", "120"))
# How long one answer may take.
ANSWER_S = 20
# How many findings are told in full.
TOLD = 20

# What an error may say is wrong with a question. What says that something is wrong with the program (INTERNAL,
# STALE, LOG_READ_ONLY) is not among them, nor what an administrator is not to meet (FORBIDDEN, RATE_LIMITED).
CODES = {
    "BAD_CURSOR",
    "BAD_USER_INPUT",
    "COST_EXCEEDED",
    "CURSOR_AHEAD",
    "DAY_AHEAD",
    "EVENT_OUTSIDE",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "HEADS_REVERSED",
    "INSTANT_AHEAD",
    "MALFORMED_CODE",
    "MOMENTS_REVERSED",
    "PAGE_DIRECTION",
    "PAGE_SIZE",
    "PERIOD_INVERTED",
    "PERIOD_TOO_LONG",
    "POSITION_AHEAD",
    "TOO_COMPLEX",
    "UNKNOWN_ID",
    "UNKNOWN_INDICATOR",
}

# Identities of the demonstration, so that questions meet something, and mutations change it.
SUBJECTS = [
    "experiment-00000000-0000-7000-8000-000000000101",
    "experiment-00000000-0000-7000-8000-000000000201",
    "experiment-00000000-0000-7000-8000-000000000301",
    "permanence-00000000-0000-7000-8000-000000000121",
    "permanence-00000000-0000-7000-8000-000000000122",
    "session-00000000-0000-7000-8000-000000000901",
    "adviser-00000000-0000-7000-8000-000000000902",
    "event-1",
    "event-31",
]


def scalar(name: str, *meant: st.SearchStrategy[str]) -> None:
    """What is given for a scalar: mostly what its description asks for, sometimes any text."""
    lots = [st.one_of(*meant)] * 9 + [st.text(max_size=20)]
    given_for_it = st.integers(0, len(lots) - 1).flatmap(lots.__getitem__)
    schemathesis.graphql.scalar(name, given_for_it.map(nodes.String))


def scalars() -> None:
    """Tells Schemathesis of the scalars of the schema."""
    days = st.dates(datetime.date(2020, 12, 1), datetime.date(2022, 12, 31))
    any_days = st.dates(datetime.date(1985, 1, 1), datetime.date(2205, 12, 31))
    hours = st.times().map(lambda time: time.strftime("%H:%M"))
    scalar("ID", st.sampled_from(SUBJECTS), st.uuids(version=4).map("experiment-{}".format))
    scalar("UUID", st.uuids(version=4).map(str))
    scalar("Date", days.map(str), any_days.map(str))
    scalar("DateTime", st.tuples(days, hours).map(lambda when: f"{when[0]}T{when[1]}:00+02:00"))
    scalar("LocalTime", hours)
    scalar("Position", st.integers(0, 40).map(str), st.integers(0, 2**65).map(str))
    scalar("Cents", st.integers(0, 10**9).map(str), st.integers(-(2**65), 2**65).map(str))
    scalar("Decimal", st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str))
    scalar("InseeCode", st.sampled_from(["95658", "59418", "57715", "2A004", "99999"]))
    scalar("OpeningHours", st.sampled_from(["Tu 09:00-12:00", "Mo-Fr 08:30-17:00; PH off", "24/7"]))
    schemathesis.graphql.scalar("JSONObject", st.just(nodes.Object([])))


def wrong(response: requests.Response, seen: Counter[str]) -> str | None:
    """What is wrong with an answer."""
    if response.status_code >= 500:
        return f"status {response.status_code}"
    try:
        answer = response.json()
    except ValueError:
        return "not JSON"
    if not isinstance(answer, dict):
        return "not an object"
    errors = answer.get("errors")
    if errors is None:
        # What a mutation refuses, it says in the data.
        seen["data"] += 1
        return None if isinstance(answer.get("data"), dict) else "neither data nor errors"
    if not isinstance(errors, list) or not errors:
        return "errors that are no list of some"
    for error in errors:
        code = error.get("extensions", {}).get("code")
        seen[str(code)] += 1
        if code not in CODES:
            return f"the code {code} of an error"
        if not error.get("message"):
            return f"no message with {code}"
    return None


def main() -> int:
    """Asks, and tells what was found."""
    scalars()
    schema = schemathesis.graphql.from_url(URL, headers=HEADERS, timeout=ANSWER_S)
    session = requests.Session()
    begun = time.monotonic()
    seen: Counter[str] = Counter()
    found: dict[str, str] = {}
    asked = Counter[str]()
    for result in schema.get_all_operations():
        operation = result.ok()
        if time.monotonic() - begun > BOUND_S:
            print(f"{operation.label} and what follows were not asked within {BOUND_S} s")
            return 1

        @seed(SEED)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            asked[case.operation.label] += 1
            response = session.post(URL, json={"query": case.body}, headers=HEADERS, timeout=ANSWER_S)
            why = wrong(response, seen)
            if why is not None:
                found.setdefault(f"{case.operation.label}: {why}", f"{case.body}\n{response.text[:500]}")

        ask()
    took = time.monotonic() - begun
    print(f"{asked.total()} documents of {len(asked)} fields, seed {SEED}, {took:.0f} s")
    print(", ".join(f"{code} {count}" for code, count in sorted(seen.items())))
    for what, document in list(found.items())[:TOLD]:
        print(f"\n{what}\n{document}")
    print(f"{len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
