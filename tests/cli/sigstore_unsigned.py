#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which changes of a Sigstore bundle nothing authenticates, by specification.

    sigstore_unsigned.py BUNDLE <CHANGES

CHANGES is what tests/helpers/mutate_bundle prints for the bundle; printed are
those that must not be accepted.  Reads the bundle for itself, so that it does
not share an error with the code under test.
"""
import base64
import json
import re
import sys

ENTRY = r"\.verificationMaterial\.tlogEntries\[(\d+)\]"
STAMPS = r"\.verificationMaterial\.timestampVerificationData"
STAMP = STAMPS + r"\.rfc3161Timestamps\[(\d+)\]"
GONE = r"(delete|null|empty) "


def elements(der, start, end):
    """The DER values between two offsets, as (tag, start, end) of each body."""
    while start < end:
        tag, length, head = der[start], der[start + 1], 2
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(der[start + 2 : start + head], "big")
        yield tag, start + head, start + head + length
        start += head + length


def inside(der, value):
    return list(elements(der, value[1], value[2]))


def signed_ranges(der):
    """Of a TimeStampResp: its TSTInfo, signed attributes and signature."""
    response = inside(der, next(elements(der, 0, len(der))))
    signed_data = inside(der, inside(der, inside(der, response[1])[1])[0])
    yield inside(der, signed_data[2])[1]
    for signer in inside(der, signed_data[-1]):
        for value in inside(der, signer):
            if value[0] in (0xA0, 0x04):
                yield value


def touched(what):
    """The bytes of a base64 value that a change is about."""
    kind, at = re.fullmatch(r"(flip|replace)\((\d+)\)", what).groups()
    if kind == "flip":
        return {int(at)}
    return {int(at) * 6 // 8, (int(at) * 6 + 5) // 8}


def is_unsigned_byte(stamp, what):
    der = base64.b64decode(stamp["signedTimestamp"])
    return not any(
        start <= at < end
        for _, start, end in signed_ranges(der)
        for at in touched(what)
    )


def is_cosignature(entry, what):
    """Whether a change is in a checkpoint's line by another key than the log's."""
    envelope = entry["inclusionProof"]["checkpoint"]["envelope"].encode()
    at = int(re.fullmatch(r"replace\((\d+)\)", what)[1])
    start = envelope.index(b"\n\n") + 2
    key_id = base64.b64decode(entry["logId"]["keyId"])[:4]
    for line in envelope[start:].splitlines(keepends=True):
        if start <= at < start + len(line):
            return base64.b64decode(line.split()[-1])[:4] != key_id
        start += len(line)
    return False


def is_allowed(bundle, change):
    what, path = change.rsplit(" ", 1)
    material = bundle["verificationMaterial"]
    entries = material.get("tlogEntries") or []
    stamps = (material.get("timestampVerificationData") or {}).get("rfc3161Timestamps")
    is_by_key = material.get("publicKey") is not None
    has_promise = any(entry.get("inclusionPromise") for entry in entries)

    def is_about(pattern, subject=change):
        return re.fullmatch(pattern, subject)

    # Hints.
    if is_about(r"\.verificationMaterial\.publicKey\.hint", path):
        return True
    if is_about(r"\.dsseEnvelope\.signatures\[0\]\.keyid", path):
        return True
    # Version 0.1: the promise suffices, without a proof, or with one that
    # leads nowhere because it has no checkpoint.
    if bundle["mediaType"].endswith("0.1"):
        if is_about(GONE + ENTRY + r"\.inclusionProof(\.checkpoint(\.envelope)?)?"):
            return True
        proof = is_about(ENTRY + r"\.inclusionProof\..*", path)
        if proof and not entries[int(proof[1])]["inclusionProof"].get("checkpoint"):
            return True
    # A promise or timestamps suffice as times; a key needs none, and a list
    # without any is as good as no list.
    if stamps or is_by_key:
        if is_about(GONE + ENTRY + r"\.inclusionPromise(\.signedEntryTimestamp)?"):
            return True
    if not stamps or has_promise or is_by_key:
        if is_about(GONE + STAMPS + r"(\.rfc3161Timestamps(\[0\])?)?"):
            return True
    # A timestamp said twice, and what its authority did not sign.
    if is_about("twice " + STAMP):
        return True
    stamp = is_about(STAMP + r"\.signedTimestamp", path)
    if stamp and re.match("flip|replace", what):
        return is_unsigned_byte(stamps[int(stamp[1])], what)
    # What witnesses and unknown keys wrote below a checkpoint.
    note = is_about(ENTRY + r"\.inclusionProof\.checkpoint\.envelope", path)
    if note and what.startswith("replace"):
        return is_cosignature(entries[int(note[1])], what)
    return False


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        bundle = json.load(file)
    for line in sys.stdin:
        change = line.rstrip("\n")
        if not change.startswith("#") and not is_allowed(bundle, change):
            print(change)


main()
