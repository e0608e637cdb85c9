# SPDX-License-Identifier: Apache-2.0
"""Change an installed tree in many random places, one kind of change each, and
hold against it what check-health finds.

    mutate.py TREE COUNT CHECK...

The changes are made in rounds of different files, so that 1,000 of them need
few runs.  Each change gives the folder its time back, and the file too where
it is not the time that is changed.  After each round the tree is mended and
found well again.  Both the full check and --quick must name exactly the
changed entries, and say of each what was changed.
"""

import json
import os
import random
import stat
import struct
import subprocess
import sys

TREE = sys.argv[1]
COUNT = int(sys.argv[2])
CHECK = sys.argv[3:]
TIME = 1700000000
PER_ROUND = 100
numbers = random.Random(int(os.environ.get("SEED", "1")))


def set_time(path, time=TIME):
    os.utime(path, (time, time), follow_symlinks=False)


def flip(path):
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        place = numbers.randrange(len(data) * 8)
        data[place // 8] ^= 1 << place % 8
        file.seek(0)
        file.write(data)
    set_time(path)


def change_mode(path):
    # What an ordinary user takes from himself hides what else was changed there.
    bits = 9 if os.geteuid() == 0 else 6
    os.chmod(path, stat.S_IMODE(os.lstat(path).st_mode) ^ 1 << numbers.randrange(bits))


def change_owner(path):
    os.lchown(path, 12345, -1)


def change_group(path):
    os.lchown(path, -1, 12345)


def grant(path):
    """CAP_NET_BIND_SERVICE, permitted and effective: capabilities(7)."""
    os.setxattr(path, "security.capability",
                struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))


def append(path):
    with open(path, "ab") as file:
        file.write(b"x")
    set_time(path)


def touch(path):
    set_time(path, TIME + numbers.choice((-1, 1, 3600)))


def touch_within_the_second(path):
    os.utime(path, ns=(TIME * 10**9, TIME * 10**9 + 1), follow_symlinks=False)


def remove(path):
    os.unlink(path)


def replace_by_copy(path):
    """Another inode with another byte: what a careful intruder leaves."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    data[numbers.randrange(len(data))] ^= 0x20
    mode = stat.S_IMODE(os.lstat(path).st_mode)
    os.unlink(path)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    set_time(path)


def replace_by_folder(path):
    os.unlink(path)
    os.mkdir(path)


def replace_by_link(path):
    os.unlink(path)
    os.symlink("f1", path)
    set_time(path)


def retarget(path):
    os.unlink(path)
    os.symlink("f2", path)
    set_time(path)


def add_beside(path):
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write("x")
    return path + ".new"


# What the finding must say; an ordinary user has no owners to change.
FILE_KINDS = [
    (flip, "content"),
    (change_mode, "mode"),
    (append, "size"),
    (touch, "time"),
    (touch_within_the_second, "time"),
    (remove, "missing"),
    (replace_by_copy, "content"),
    (replace_by_folder, "kind"),
    (replace_by_link, "kind"),
    (add_beside, "not part"),
]
LINK_KINDS = [(retarget, "target"), (touch, "time"), (remove, "missing"),
              (replace_by_folder, "kind")]
FOLDER_KINDS = [(change_mode, "mode"), (touch, "time")]
if os.geteuid() == 0:
    FILE_KINDS += [(change_owner, "somebody else"), (change_group, "somebody else"),
                   (grant, "capability")]
    LINK_KINDS += [(change_owner, "somebody else")]
    FOLDER_KINDS += [(change_owner, "somebody else")]


def kinds_of(path):
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return LINK_KINDS
    return FOLDER_KINDS if stat.S_ISDIR(mode) else FILE_KINDS


def entries():
    for folder, folders, files in os.walk(TREE):
        for name in folders + files:
            yield os.path.join(folder, name)


class Copy:
    """An entry as it was, to put it back."""

    def __init__(self, path):
        self.path, self.st = path, os.lstat(path)
        self.link = os.readlink(path) if stat.S_ISLNK(self.st.st_mode) else None
        self.data = None
        if stat.S_ISREG(self.st.st_mode):
            with open(path, "rb") as file:
                self.data = file.read()

    def clear(self):
        if os.path.isdir(self.path) and not os.path.islink(self.path):
            os.rmdir(self.path)
        elif os.path.lexists(self.path):
            os.unlink(self.path)

    def restore(self):
        if self.link is not None:
            self.clear()
            os.symlink(self.link, self.path)
        elif self.data is not None:
            self.clear()
            with open(self.path, "wb") as file:
                file.write(self.data)
        os.lchown(self.path, self.st.st_uid, self.st.st_gid)
        if self.link is None:
            os.chmod(self.path, stat.S_IMODE(self.st.st_mode))
        set_time(self.path)


def mend_folder_times(except_for):
    for folder, _, _ in os.walk(TREE):
        if folder not in except_for:
            set_time(folder)


def findings(*options):
    run = subprocess.run(CHECK + list(options), stdout=subprocess.PIPE, check=False)
    (app,) = json.loads(run.stdout)["apps"]
    found = {}
    for finding in app["findings"]:
        if finding["severity"] not in ("ok", "not-applicable"):
            path = finding["object"].split("/", 1)[-1]
            found.setdefault(path, []).append(finding["text"])
    return found


def change_one(path, wanted):
    change, word = numbers.choice(kinds_of(path))
    extra = change(path)
    name = os.path.relpath(extra or path, TREE)
    wanted[name] = (change.__name__, word)
    return extra


def judge(wanted, how, options):
    found = findings(*options)
    for name, (kind, word) in wanted.items():
        if not any(word in text for text in found.get(name, [])):
            sys.exit(f"{how}: {kind} of {name} not found: {found.get(name)}")
    # Making a file is a change of its folder's time, which set_time undid.
    if set(found) - set(wanted):
        sys.exit(f"{how}: found besides: {set(found) - set(wanted)}")


def one_round(count):
    paths = numbers.sample(sorted(entries()), count)
    # Of a folder only one thing changes in a round: itself, or what is in it.
    chosen = set(paths)
    paths = [path for path in paths
             if os.path.isdir(path) and not os.path.islink(path)
             or os.path.dirname(path) not in chosen]
    copies = [Copy(path) for path in paths]
    wanted, extras = {}, []
    for path in paths:
        if not os.path.isdir(path) or os.path.islink(path):
            extras.append(change_one(path, wanted))
    mend_folder_times(())
    for path in paths:
        if os.path.isdir(path) and os.path.relpath(path, TREE) not in wanted:
            change_one(path, wanted)
    judge(wanted, "full", ())
    judge(wanted, "--quick", ("--quick",))
    for extra in filter(None, extras):
        os.unlink(extra)
    for copy in copies:
        copy.restore()
    mend_folder_times(())
    return len(wanted)


def main():
    done = 0
    while done < COUNT:
        done += one_round(min(PER_ROUND, COUNT - done + 20))
    if findings():
        sys.exit("the mended tree is not well")
    subprocess.run([CHECK[0], "--root", CHECK[2], "--record", "--quiet"], check=True)
    print(done, "changes")


main()
