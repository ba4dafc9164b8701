#!/usr/bin/env python3
"""Checks heads and proofs by docs/format.md and RFC 6962 alone.

Shares no code with the program and uses only Python's standard library.

    check.py                                        the samples beside it, over all their leaves
    check.py PROOF --head HEAD [--head HEAD ...]    one proof, as `carnet log check-proof` does
    check.py PROOF --root ROOT --size SIZE

Prints what it verified, or the first thing that is wrong, and then exits with status 1.
"""

import argparse
import base64
import hashlib
import importlib.util
import json
import pathlib
import sys
import uuid

HERE = pathlib.Path(__file__).parent

# The reader of records that the golden files are checked with: also none of the program's code.
spec = importlib.util.spec_from_file_location("golden", HERE.parent / "golden" / "check.py")
golden = importlib.util.module_from_spec(spec)
spec.loader.exec_module(golden)
Wrong, require = golden.Wrong, golden.require


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf(data):
    return sha256(b"\0", data)


def node(left, right):
    return sha256(b"\1", left, right)


# RFC 6962, 2.1: the definitions, over all leaves.


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def tree(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaf(leaves[0])
    k = split(len(leaves))
    return node(tree(leaves[:k]), tree(leaves[k:]))


def path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return path(m, leaves[:k]) + [tree(leaves[k:])]
    return path(m - k, leaves[k:]) + [tree(leaves[:k])]


def subproof(m, leaves, whole=True):
    if m == len(leaves):
        return [] if whole else [tree(leaves)]
    k = split(len(leaves))
    if m <= k:
        return subproof(m, leaves[:k], whole) + [tree(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [tree(leaves[:k])]


# RFC 9162, 2.1.3.2 and 2.1.4.2: the checks, over a path.


def included(data, index, size, hashes, root):
    require(0 <= index < size, "leafIndex")
    f, s, r = index, size - 1, leaf(data)
    for p in hashes:
        require(s != 0, "the path is too long")
        if f & 1 or f == s:
            r = node(p, r)
            while not f & 1 and f:
                f, s = f >> 1, s >> 1
        else:
            r = node(r, p)
        f, s = f >> 1, s >> 1
    require(s == 0, "the path is too short")
    require(r == root, "the path does not lead to the root")


def consistent(first, first_root, second, second_root, hashes):
    require(0 <= first <= second, "from")
    if first == 0:
        require(first_root == sha256() and hashes == [], "the empty log")
        require(second > 0 or second_root == sha256(), "the empty log")
        return
    if first == second:
        require(hashes == [] and first_root == second_root, "the same head")
        return
    if first & (first - 1) == 0:
        hashes = [first_root] + hashes
    require(hashes != [], "the path is too short")
    f, s = first - 1, second - 1
    while f & 1:
        f, s = f >> 1, s >> 1
    fr = sr = hashes[0]
    for c in hashes[1:]:
        require(s != 0, "the path is too long")
        if f & 1 or f == s:
            fr, sr = node(c, fr), node(c, sr)
            while not f & 1 and f:
                f, s = f >> 1, s >> 1
        else:
            sr = node(sr, c)
        f, s = f >> 1, s >> 1
    require(s == 0, "the path is too short")
    require(fr == first_root, "the path does not lead to the older root")
    require(sr == second_root, "the path does not lead to the newer root")


# The files.

FIELDS = {
    "carnet-log-head/1": ["logId", "position", "hash", "root"],
    "carnet-inclusion-proof/1":
        ["logId", "event", "leafIndex", "treeSize", "recordHash", "root", "path"],
    "carnet-consistency-proof/1": ["logId", "from", "fromRoot", "to", "toRoot", "path"],
}
NUMBERS = {"position", "event", "leafIndex", "treeSize", "from", "to"}


def digest(text):
    require(isinstance(text, str) and len(text) == 64, "a hash")
    read = bytes.fromhex(text)
    require(read.hex() == text, "a hash")
    return read


def once(pairs):
    require(len(dict(pairs)) == len(pairs), "a field twice")
    return dict(pairs)


def read(text):
    """The fields of a file: numbers as int, hashes as bytes."""
    given = json.loads(text, object_pairs_hook=once)
    require(isinstance(given, dict) and given.get("format") in FIELDS, "format")
    fields = FIELDS[given["format"]]
    optional = {"record"} if given["format"] == "carnet-inclusion-proof/1" else set()
    require(set(given) - optional == {"format", *fields}, "fields")
    for name, value in given.items():
        if name in NUMBERS:
            require(isinstance(value, str) and str(int(value)) == value, name)
            given[name] = int(value)
        elif name == "path":
            given[name] = [digest(hash) for hash in value]
        elif name == "logId":
            require(str(uuid.UUID(value)) == value, name)
        elif name == "record":
            given[name] = base64.b64decode(value, validate=True)
            require(base64.b64encode(given[name]).decode() == value, name)
        elif name != "format":
            given[name] = digest(value)
    return given


def record(data):
    """The hash and the position of a framed record."""
    require(len(data) >= 8 + golden.FIXED.size, "the record is cut short")
    length, crc = golden.struct.unpack_from("<II", data)
    body = data[8:]
    require(length == len(body) and crc == golden.crc32c(body), "the record's length or CRC32C")
    fields = golden.FIXED.unpack_from(body)
    require(fields[:2] == (1, 1), "the record's format")
    tag = body[golden.FIXED.size + fields[4]:][:fields[5]].decode("utf-8")
    return sha256(body), fields[9], tag


def check(proof, trusted):
    """Checks a proof by itself, and that every (log, size, root) that is trusted is its own."""
    require(proof["format"] != "carnet-log-head/1", "a head is no proof")
    if proof["format"] == "carnet-inclusion-proof/1":
        own = [(proof["treeSize"], proof["root"])]
    else:
        own = [(proof["from"], proof["fromRoot"]), (proof["to"], proof["toRoot"])]
    for log_id, size, root in trusted:
        require(log_id in (None, proof["logId"]), "it is about another log")
        require((size, root) in own, "it is not about the trusted head")
    if proof["format"] == "carnet-consistency-proof/1":
        consistent(
            proof["from"], proof["fromRoot"], proof["to"], proof["toRoot"], proof["path"]
        )
        return f"the log at position {proof['to']} continues that at {proof['from']}"
    require(proof["event"] == proof["leafIndex"] + 1, "event")
    tag = "an event"
    if "record" in proof:
        hash, position, tag = record(proof["record"])
        require(hash == proof["recordHash"], "recordHash")
        require(position == proof["event"], "the record's position")
    included(
        proof["recordHash"], proof["leafIndex"], proof["treeSize"], proof["path"], proof["root"]
    )
    return f"{tag} is at position {proof['event']} of the log at {proof['treeSize']}"


# The samples, over all leaves.


def known_answers():
    leaves = [
        bytes.fromhex(text)
        for text in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                     "606162636465666768696a6b6c6d6e6f"]
    ]
    require(
        tree(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        "this script's own tree",
    )
    require(
        tree(leaves[:7]).hex() == "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "this script's own tree",
    )
    require(
        [hash.hex()[:8] for hash in subproof(6, leaves)] == ["0ebc5d34", "ca854ea1", "d37ee418"],
        "this script's own proof",
    )


def golden_leaves():
    hashes, log_id = [], None
    for line in (HERE.parent / "golden" / "records.hex").read_text("ascii").splitlines():
        word, value = line.split(" ", 1)
        if word == "head":
            break
        if word == "log":
            log_id = value
        elif word == "record":
            hashes.append(sha256(bytes.fromhex(value)[8:]))
    genesis = sha256(b"carnet log ", uuid.UUID(log_id).bytes)
    return log_id, genesis, hashes


def counted_leaves():
    log_id = str(uuid.UUID(int=7))
    hashes = [sha256(str(n).encode()) for n in range(1, 2050)]
    return log_id, sha256(b"carnet log ", uuid.UUID(log_id).bytes), hashes


def whole(given, log_id, genesis, leaves):
    """Checks a line against all leaves."""
    require(given["logId"] == log_id, "logId")
    if given["format"] == "carnet-log-head/1":
        size = given["position"]
        require(given["hash"] == (leaves[size - 1] if size else genesis), "hash")
        require(given["root"] == tree(leaves[:size]), "root")
        return
    check(given, [])
    if given["format"] == "carnet-inclusion-proof/1":
        index, size = given["leafIndex"], given["treeSize"]
        require(given["recordHash"] == leaves[index], "recordHash")
        require(given["root"] == tree(leaves[:size]), "root")
        require(given["path"] == path(index, leaves[:size]), "path")
        return
    older, newer = given["from"], given["to"]
    require(given["fromRoot"] == tree(leaves[:older]), "fromRoot")
    require(given["toRoot"] == tree(leaves[:newer]), "toRoot")
    require(older == 0 or given["path"] == subproof(older, leaves[:newer]), "path")


def samples():
    known_answers()
    for name, leaves in [("golden.jsonl", golden_leaves()), ("hashes.jsonl", counted_leaves())]:
        lines = (HERE / name).read_text("ascii").splitlines()
        formats = set()
        for number, line in enumerate(lines, 1):
            try:
                given = read(line)
                formats.add(given["format"])
                whole(given, *leaves)
            except (Wrong, ValueError, golden.struct.error) as error:
                print(f"{name}:{number}: {error}")
                return 1
        if formats != set(FIELDS):
            print(f"{name}: not every kind of file is in it")
            return 1
        print(f"{name}: {len(lines)} heads and proofs over {len(leaves[2])} leaves hold")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("proof", nargs="?", type=pathlib.Path)
    parser.add_argument("--head", action="append", default=[], type=pathlib.Path)
    parser.add_argument("--root")
    parser.add_argument("--size", type=int)
    given = parser.parse_args()
    if given.proof is None:
        return samples()
    try:
        trusted = []
        for path_of_head in given.head:
            head = read(path_of_head.read_text("utf-8"))
            require(head["format"] == "carnet-log-head/1", "not a head")
            trusted.append((head["logId"], head["position"], head["root"]))
        if given.root is not None and given.size is not None:
            trusted.append((None, given.size, digest(given.root.lower())))
        require(trusted != [], "nothing is trusted: --head, or --root and --size")
        print(check(read(given.proof.read_text("utf-8")), trusted))
        return 0
    except (Wrong, ValueError, golden.struct.error) as error:
        print(f"{given.proof}: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
