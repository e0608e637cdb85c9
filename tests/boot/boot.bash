# SPDX-License-Identifier: Apache-2.0
# A machine that boots: systemd as process 1 in a container, over a copy of this
# system that is thrown away (overlayfs), with Tidegate installed by "make
# install".  Sourced by bats files; needs root, systemd-container, overlayfs.

export build=${TIDEGATE_BUILD:-$BATS_TEST_DIRNAME/../../build/cc}
PATH=$build/bin:$PATH

# shellcheck source=tests/helpers/wait.bash
source "${BASH_SOURCE[0]%/*}/../helpers/wait.bash"
# shellcheck source=tests/helpers/skip.bash
source "${BASH_SOURCE[0]%/*}/../helpers/skip.bash"

# Prints why no machine can boot here; nothing when it can.
boot_lacks() {
	if [ "$(id -u)" -ne 0 ]; then
		echo "needs root"
	elif ! command -v systemd-nspawn >/dev/null; then
		echo "needs systemd-nspawn"
	elif ! mount -t tmpfs boot-probe /mnt 2>/dev/null; then
		echo "may not mount"
	else
		umount /mnt
	fi
}

# boot_make DIR - the file system of the machine, with Tidegate: DIR/tree.
boot_make() {
	boot_tree "$1"
	make -s -C "$BATS_TEST_DIRNAME/../.." BUILD="$build" \
		DESTDIR="$machine/tree" install
}

# boot_tree DIR - the same without Tidegate.
boot_tree() {
	machine=$1
	mkdir -p "$machine/layer" "$machine/tree"
	mount -t tmpfs tidegate-boot "$machine/layer"
	mkdir "$machine/layer/upper" "$machine/layer/work"
	mount -t overlay tidegate-boot -o \
		"lowerdir=/,upperdir=$machine/layer/upper,workdir=$machine/layer/work" \
		"$machine/tree"
	# Accounts, folders and units are the machine's own business.
	sed -i '/^tidegate-/d' "$machine"/tree/etc/passwd \
		"$machine"/tree/etc/{group,shadow,gshadow}
	rm -rf "$machine"/tree/etc/tidegate "$machine"/tree/var/lib/tidegate
	# Whatever else is installed here need not run there.
	rm -rf "$machine"/tree/etc/systemd/system/*.wants
}

# boot_start - boot, and wait until all units have started.
boot_start() {
	# Its output is of use only when it does not come up.  A machine has no
	# seccomp filter around it; that of nspawn forbids Landlock.
	SYSTEMD_SECCOMP=0 systemd-nspawn -q -b -D "$machine/tree" --register=no --keep-unit \
		--private-network --console=pipe </dev/null \
		>"$machine/console" 2>&1 3>&- &
	echo $! >"$machine/container"
	wait_for_server "$!" "$machine/console" is_up
	inside systemctl is-system-running --wait >/dev/null || true
}

# A test may have booted again since: the files know, no variable does.
is_up() {
	pgrep -P "$(cat "$machine/container")" -x systemd >"$machine/leader" &&
		inside test -S /run/systemd/private
}

# inside COMMAND... - run as root on the machine.
inside() {
	nsenter -t "$(cat "$machine/leader")" -m -u -i -n -p -r -w -- env -i \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"
}

# boot_stop - an orderly end, if it comes to one.
boot_stop() {
	inside systemctl poweroff >/dev/null 2>&1 || true
	timeout 30 tail --pid="$(cat "$machine/container")" -f /dev/null ||
		kill -9 "$(cat "$machine/container")"
}

# boot_cut - the plug is pulled: nothing is stopped, nothing is written.
boot_cut() {
	kill -9 "$(cat "$machine/leader")" 2>/dev/null || true
	tail --pid="$(cat "$machine/container")" -f /dev/null
}

boot_remove() {
	umount "$machine/tree" || umount -l "$machine/tree"
	umount "$machine/layer" || umount -l "$machine/layer"
}
