#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold workflows and actions for GitHub against the rules of this project.

usage: examples.py FILE...              print what breaks a rule
       examples.py --scripts DIR FILE   write each script of FILE into DIR
       examples.py --script FILE JOB NAME    print that of one step

The rules: a workflow gives no permission but by job, each job says which, and
has a deadline; a script has no "${{ }}" in it, which would put what strangers
write (the name of a branch, say) into a shell; a composite action names the
shell of each script.
"""
import os
import sys

import yaml


def steps_of(document):
    for name, job in document.get("jobs", {}).items():
        for step in job.get("steps", []):
            yield name, step
    for step in document.get("runs", {}).get("steps", []):
        yield "runs", step


def workflow_breaches(document):
    if document.get("permissions") != {}:
        yield "permissions of all jobs are not {}"
    for name, job in document["jobs"].items():
        if not isinstance(job.get("permissions"), dict):
            yield "job %s does not say its permissions" % name
        if "timeout-minutes" not in job:
            yield "job %s has no timeout-minutes" % name


def breaches(document):
    if "jobs" in document:
        yield from workflow_breaches(document)
    for where, step in steps_of(document):
        label = "%s: %s" % (where, step.get("name", step.get("uses")))
        if "${{" in step.get("run", ""):
            yield label + ": an expression in a script"
        if where == "runs" and "run" in step and "shell" not in step:
            yield label + ": no shell"
        if "uses" not in step and "run" not in step:
            yield label + ": does nothing"


def write_scripts(folder, path):
    for number, (_, step) in enumerate(steps_of(read(path))):
        if "run" in step:
            name = "%s-%02d" % (os.path.basename(path), number)
            with open(os.path.join(folder, name), "w") as file:
                file.write("#!/bin/bash\nset -eo pipefail\n" + step["run"])


def print_script(path, wanted, name):
    for where, step in steps_of(read(path)):
        if where == wanted and step.get("name") == name:
            return print("#!/bin/bash\nset -eo pipefail\n" + step["run"])
    return sys.exit("%s: no step '%s' in %s" % (path, name, wanted))


def read(path):
    with open(path) as file:
        return yaml.safe_load(file)


def main():
    if sys.argv[1] == "--scripts":
        return write_scripts(sys.argv[2], sys.argv[3])
    if sys.argv[1] == "--script":
        return print_script(*sys.argv[2:5])
    for path in sys.argv[1:]:
        for breach in breaches(read(path)):
            print("%s: %s" % (path, breach))


main()
