#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold each answer of the stand-in for GitHub against GitHub's own schema.

usage: github_schema.py api.github.com.deref.json ANSWERS

ANSWERS has a line of JSON for each: method, path, status, body.  Says which
endpoints were seen; a status that the schema does not describe for an endpoint
is held against its "basic error".  Exits with 1 where one does not fit.
"""
import collections
import json
import re
import sys

import jsonschema

RELEASES = "/repos/{owner}/{repo}/releases"
ENDPOINTS = [
    (r"/releases", RELEASES),
    (r"/releases/latest", RELEASES + "/latest"),
    (r"/releases/tags/.+", RELEASES + "/tags/{tag}"),
    (r"/releases/assets/\d+", RELEASES + "/assets/{asset_id}"),
    (r"/releases/\d+/assets", RELEASES + "/{release_id}/assets"),
    (r"/releases/\d+", RELEASES + "/{release_id}"),
]


def convert(schema):
    """OpenAPI 3.0 to Draft 7: nullable."""
    if isinstance(schema, list):
        return [convert(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    # What is left of an upload that failed has the state "starter", as GitHub's
    # text says; the list of states has forgotten it.
    if schema.get("enum") == ["uploaded", "open"]:
        return {"enum": ["uploaded", "open", "starter"]}
    result = {key: convert(value) for key, value in schema.items()
              if key not in ("nullable", "example", "examples")}
    if schema.get("nullable"):
        return {"anyOf": [result, {"type": "null"}]}
    return result


def endpoint_of(path):
    path = re.sub(r"^/(repos/[^/]+/[^/]+|repositories/\d+)", "", path.split("?")[0])
    for pattern, endpoint in ENDPOINTS:
        if re.fullmatch(pattern, path):
            return endpoint
    return None


def main():
    with open(sys.argv[1]) as file:
        paths = json.load(file)["paths"]
    basic = paths["/user"]["get"]["responses"]["401"]["content"]["application/json"]["schema"]
    seen = collections.Counter()
    is_bad = False
    for line in open(sys.argv[2]):
        answer = json.loads(line)
        endpoint = endpoint_of(answer["path"])
        if endpoint is None or answer["status"] in (301, 302):
            continue
        method = "get" if answer["method"] == "HEAD" else answer["method"].lower()
        schema = paths[endpoint][method]["responses"].get(str(answer["status"]), {}) \
            .get("content", {}).get("application/json", {}).get("schema")
        if schema is None and answer["status"] < 400:
            print("the schema has no %s %s %d" % (method, endpoint, answer["status"]))
            is_bad = True
            continue
        validator = jsonschema.Draft7Validator(convert(schema or basic))
        for problem in validator.iter_errors(answer["body"]):
            print("%s %s %d: %s: %s" % (method, answer["path"], answer["status"],
                                        "/".join(map(str, problem.path)), problem.message[:200]))
            is_bad = True
        seen[(method, endpoint, answer["status"])] += 1
    for (method, endpoint, status), count in sorted(seen.items()):
        print("%s %s %d %d" % (method, endpoint, status, count))
    sys.exit(1 if is_bad else 0)


main()
