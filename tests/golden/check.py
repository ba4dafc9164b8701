#!/usr/bin/env python3
"""Verifies records.hex by docs/format.md alone: frame, CRC32C, fields, chain, event ids, hashes.

Shares no code with the program and uses only Python's standard library. Prints what it verified,
or the first thing that is wrong, and then exits with status 1.
"""

import hashlib
import json
import pathlib
import struct
import sys
import uuid

FIXED = struct.Struct("<BBHHHHHIIQQqQQ16s16s16s16s32s")
assert FIXED.size == 156


def crc32c_table():
    table = []
    for index in range(256):
        crc = index
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Wrong(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Wrong(what)


def event_id(command_id, index):
    digest = hashlib.sha256(b"carnet event " + command_id + struct.pack("<H", index)).digest()
    half = bytearray(digest[:16])
    half[6] = half[6] & 0x0F | 0x80
    half[8] = half[8] & 0x3F | 0x80
    return bytes(half)


def record(data, state):
    require(len(data) >= 8 + FIXED.size, "cut short")
    length, crc = struct.unpack_from("<II", data)
    body = data[8:]
    require(length == len(body), "length")
    require(len(data) <= 64 * 1024, "larger than 64 KiB")
    require(crc == crc32c(body), "CRC32C")
    (
        version, codec, index, count, stream_length, tag_length, reserved, meta_length,
        payload_length, position, stream_version, recorded_at, corrects, causation,
        event, command, _correlation, fingerprint, previous,
    ) = FIXED.unpack_from(body)
    require((version, codec, reserved) == (1, 1, 0), "format, codec or reserved")
    rest = body[FIXED.size:]
    parts = []
    for size in (stream_length, tag_length, meta_length, payload_length):
        require(size <= len(rest), "a length that does not add up")
        parts.append(rest[:size])
        rest = rest[size:]
    require(rest == b"", "bytes left over")
    stream, tag = parts[0].decode("utf-8"), parts[1].decode("utf-8")
    meta, payload = json.loads(parts[2]), json.loads(parts[3])
    require({"valid", "actor", "source"} <= meta.keys(), "meta")
    require("what" in payload, "payload")
    kind = stream.split("-", 1)[0]
    require(stream == kind + "-" + payload[kind], "the payload's subject")

    require(position == state["position"] + 1, "position")
    require(previous == state["hash"], "hash of the previous record")
    require(stream_version == state["streams"].get(stream, 0) + 1, "stream version")
    require(recorded_at >= state["recorded_at"], "recorded-at steps back")
    require(corrects < position and causation < position, "corrects or causation")
    require(index < count, "index within the command")
    require(event == event_id(command, index), "event id")
    if index == 0:
        require(command not in state["commands"], "a command twice")
        require(state["open"] is None, "the command before is incomplete")
        state["commands"].add(command)
    else:
        require(state["open"] == (command, index, count, fingerprint), "order within the command")
    state["open"] = (command, index + 1, count, fingerprint) if index + 1 < count else None
    state["position"] = position
    state["hash"] = hashlib.sha256(body).digest()
    state["streams"][stream] = stream_version
    state["recorded_at"] = recorded_at
    return tag


def chain_from(log_id):
    return {
        "position": 0,
        "hash": hashlib.sha256(b"carnet log " + uuid.UUID(log_id).bytes).digest(),
        "streams": {},
        "recorded_at": -(2**63),
        "commands": set(),
        "open": None,
    }


def main(path):
    require(crc32c(b"123456789") == 0xE3069283, "this script's own CRC32C")
    state, chains, records, heads = None, 0, 0, 0
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        try:
            word, value = line.split(" ", 1)
            if word == "log":
                state, chains = chain_from(value), chains + 1
            elif word in ("genesis", "hash"):
                require(state["hash"].hex() == value, word)
            elif word == "record":
                record(bytes.fromhex(value), state)
                records += 1
            elif word == "head":
                require(f"{state['position']} {state['hash'].hex()}" == value, "head")
                require(state["open"] is None, "the last command is incomplete")
                heads += 1
            else:
                raise Wrong("an unknown line")
        except (Wrong, ValueError, struct.error) as error:
            print(f"{path.name}:{number}: {error}")
            return 1
    if not records or heads != chains:
        print(f"{path.name}: a chain without records or head")
        return 1
    print(f"{path.name}: {chains} chain(s), {records} records: frames, CRC32C, chain, hashes hold")
    return 0


if __name__ == "__main__":
    default = pathlib.Path(__file__).with_name("records.hex")
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default))
