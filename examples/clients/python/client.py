"""Says what ran where on a day, and what the notebook of one experiment holds, page by page.

Python 3.9 or later, and nothing else:

    CARNET_URL=http://127.0.0.1:8080/graphql CARNET_TOKEN=... python3 client.py
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

DAY = "2021-05-06"

RUNNING = """
query Running($on: Date!) {
  experiments(filter: { runningOn: $on }, first: 100) {
    totalCount
    nodes { id title model startsOn endsOn }
  }
}
"""

HISTORY = """
query History($id: ID!, $after: Position) {
  experiment(id: $id) {
    title
    history(first: 5, after: $after) {
      pageInfo { hasNextPage }
      edges { node { position sentence source { label dated } } }
    }
  }
}
"""


class Refused(Exception):
    """What carnet says when it does not answer."""


class Carnet:
    """Asks carnet at an address; the token goes into a header, never into an address."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {
            "Accept": "application/graphql-response+json",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of one operation."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        request = urllib.request.Request(self._url, body, self._headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            # What is refused is told in the same form, with a status that is no success.
            with error:
                answer = json.load(error)
        if "errors" in answer:
            raise Refused(
                "\n".join(
                    f"{error['message']} ({error.get('extensions', {}).get('code', '?')})"
                    for error in answer["errors"]
                )
            )
        return answer["data"]

    def history(self, experiment: str) -> Iterator[dict[str, Any]]:
        """The entries of an experiment, from the first to the last, whatever a page holds."""
        after = None
        more = True
        while more:
            found = self.ask(HISTORY, id=experiment, after=after)["experiment"]
            if found is None:
                return
            page = found["history"]
            for edge in page["edges"]:
                after = edge["node"]["position"]
                yield edge["node"]
            more = page["pageInfo"]["hasNextPage"]


def main() -> None:
    """Prints what was asked, in French."""
    carnet = Carnet(os.environ["CARNET_URL"], os.environ["CARNET_TOKEN"])
    running = carnet.ask(RUNNING, on=DAY)["experiments"]
    print(f"{running['totalCount']} expérimentations en cours le {DAY} :")
    for experiment in running["nodes"]:
        print(f"- {experiment['title']}, du {experiment['startsOn']} au {experiment['endsOn']}")
    last = next(found for found in running["nodes"] if found["title"] == "Mortagne-du-Nord")
    print(f"Le cahier de {last['title']} :")
    for entry in carnet.history(last["id"]):
        print(f"{entry['position']}. {entry['sentence']} ({entry['source']['label']})")


if __name__ == "__main__":
    try:
        main()
    except Refused as why:
        sys.exit(f"Carnet refuse : {why}")
