#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold what a program did against its AppArmor profile, where the kernel has
none:  apparmor.py PROFILE [TRACE | PATH:PERMISSIONS]...

TRACE is what "strace -f -y" wrote; it counts from where the profile's program
is executed.  Prints each path with the permissions that
the profile lacks, and exits 1 if there is any.  It knows of apparmor.d(5) what
our profiles use: includes, variables, globs, and rules of files; "owner" is
taken for granted, "deny" is not.
"""
import os
import re
import sys

TOP = "/etc/apparmor.d/"
RULE = re.compile(r'^\s*(?P<deny>deny\s+)?(?:owner\s+)?(?P<path>[/@]\S*)\s+(?P<can>[rwaklmixPUCu]+),')
VARIABLE = re.compile(r"^(@\{\w+\})\s*(\+?=)\s*(.*)")
PROGRAM = re.compile(r"^profile\s+\S+\s+(/\S+)")
INCLUDE = re.compile(r"^\s*#?include\s+(if exists\s+)?<(.*)>")


def read(name, is_optional, rules, variables):
    if is_optional and not os.path.exists(name):
        return
    if os.path.isdir(name):
        for entry in sorted(os.listdir(name)):
            read(os.path.join(name, entry), False, rules, variables)
        return
    with open(name) as file:
        for line in file:
            if found := INCLUDE.match(line):
                read(TOP + found[2], bool(found[1]), rules, variables)
            elif found := VARIABLE.match(line):
                values = found[3].split("#")[0].split()
                variables[found[1]] = (variables.get(found[1], []) if found[2] == "+=" else []) + values
            elif found := RULE.match(line):
                rules.append((found["path"], set(found["can"]), bool(found["deny"])))
            elif found := PROGRAM.match(line):
                variables["program"] = found[1]


def fill_in(path, variables):
    while found := re.search(r"@\{\w+\}", path):
        values = [value.rstrip("/") or "/" for value in variables[found[0]]]
        path = path.replace(found[0], "{" + ",".join(values) + "}")
    return re.sub("//+", "/", path)


def compile_glob(glob):
    parts = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    out, depth = "", 0
    for part in re.findall(r"\*\*|\[[^]]*\]|\\.|.", glob):
        depth += {"{": 1, "}": -1}.get(part, 0)
        if part[0] == "[":
            out += part.replace("[^", "[^/")
        elif part == "," and depth == 0 or part not in parts:
            out += re.escape(part[-1])
        else:
            # "/*" and "/**" stand for a name, not for the folder itself.
            out += "(?=[^/])" if part == "*" and out.endswith("/") else ""
            out += "(?=.)" if part == "**" and out.endswith("/") else ""
            out += parts[part]
    return re.compile(out + r"\Z", re.S)


class Profile:
    def __init__(self, name):
        rules, variables = [], {}
        read(name, False, rules, variables)
        self.program = variables.pop("program")
        self.rules = [(compile_glob(fill_in(path, variables)), can, deny) for path, can, deny in rules]

    def lacks(self, path, wanted):
        """Which of the letters of @wanted the profile does not give."""
        given, taken = set(), set()
        for glob, can, is_denied in self.rules:
            if glob.match(path):
                (taken if is_denied else given).update(can)
        given |= {"w"} & given and {"a"}
        return "".join(sorted(set(wanted) - (given - taken)))


def name_of(fd_or_path, folder):
    """The path of an argument, made absolute by that of the folder."""
    if fd_or_path.startswith("/"):
        return os.path.normpath(fd_or_path)
    return os.path.normpath(os.path.join(folder, fd_or_path)) if folder else None


def opened(arguments, result):
    if "O_PATH" in arguments or not (found := re.match(r"\d+<(/[^>]*)>", result)):
        return []
    wanted = "w" if "O_WRONLY" in arguments else "rw" if "O_RDWR" in arguments else "r"
    return [(found[1], wanted, "O_DIRECTORY" in arguments)]


def changed(arguments):
    out = []
    for found in re.finditer(r'(?:(?:\d+|AT_FDCWD)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"', arguments):
        if path := name_of(found[2], found[1]):
            out.append((path, "w", False))
    return out


def connected(arguments, places):
    found = re.search(r'sun_path="(/[^"]+)"', arguments)
    if not found:
        return []
    by_descriptor = re.match(r"/proc/self/fd/(\d+)$", found[1])
    path = places[by_descriptor[1]] if by_descriptor else found[1]
    return [(os.path.normpath(path), "rw", False)]


def executed(arguments):
    found = re.match(r'(?:\d+<([^>]*)>, )?"([^"]*)"', arguments)
    path = found[2] or found[1]
    return [(name_of(path, found[1]), "x", False)]


CALL = re.compile(r"^(?:\d+ +)?(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)\) += (.*)$")
CHANGES = {"rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "symlinkat",
           "linkat", "fchmodat", "fchownat", "truncate"}


def accesses(trace, program):
    begun, places, is_on = {}, {}, False
    with open(trace) as file:
        for line in file:
            line = line.rstrip("\n")
            task = line.split(" ", 1)[0]
            if line.endswith("<unfinished ...>"):
                begun[task] = line[: -len("<unfinished ...>")]
                continue
            if found := re.match(r"^\d+ +<\.\.\. \w+ resumed>(.*)$", line):
                line = begun.pop(task, "") + found[1]
            found = CALL.match(line)
            if not found or found[3].startswith(("-1", "?")) and "EINPROGRESS" not in found[3]:
                continue
            call, arguments, result = found.groups()
            if not is_on:
                is_on = call == "execve" and f'"{program}"' in arguments
                continue
            if place := re.match(r"(\d+)<(/[^>]*)>", result):
                places[place[1]] = place[2]
            if call in ("open", "openat", "openat2"):
                yield from opened(arguments, result)
            elif call in ("execve", "execveat"):
                yield from executed(arguments)
            elif call == "connect":
                yield from connected(arguments, places)
            elif call in CHANGES:
                yield from changed(arguments)


def main(arguments):
    profile = Profile(arguments[0])
    missing = set()
    for argument in arguments[1:]:
        if os.path.isfile(argument):
            found = list(accesses(argument, profile.program))
            if not found:
                sys.exit(f"{argument}: nothing was traced")
        else:
            path, wanted = argument.rsplit(":", 1)
            found = [(path, wanted, False)]
        for path, wanted, is_folder in found:
            names = [path.rstrip("/") + "/"] if is_folder else [path, path + "/"]
            if lacks := min((profile.lacks(name, wanted) for name in names), key=len):
                missing.add(f"{names[0]} {lacks}")
    print("\n".join(sorted(missing)), end="\n" if missing else "")
    return 1 if missing else 0


sys.exit(main(sys.argv[1:]))
