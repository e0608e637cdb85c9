#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What root runs links little: each library is code that root trusts.

load repo

# The libraries of a program but for the C library's own and the sanitizers'.
libraries() {
	ldd "$build/bin/$1" | awk '{ print $1 }' |
		grep -vE '^(linux-vdso|linux-gate|/lib.*/ld-linux|lib(c|m|pthread|dl|rt|gcc_s|asan|ubsan|stdc\+\+)\.so)' |
		sed 's/\.so.*//' | sort | tr '\n' ' '
}

is_small() {
	require_program "$1"
	for library in $(libraries "$1"); do
		case $library in
		libcrypto | libsodium | libinih) ;;
		*) is_empty "$library" "$1 links" ;;
		esac
	done
}

@test "install-package links libc, libcrypto, libsodium and inih alone" {
	is_small install-package
}

@test "check-health links libc, libcrypto, libsodium and inih alone" {
	is_small check-health
}

@test "no worker but fetch and probe links a network library" {
	for worker in verify unpack engine; do
		file=$build/libexec/tidegate/$worker-worker
		[ -x "$file" ] || skip "$worker-worker is not built"
		run ldd "$file"
		[[ $output != *libcurl* ]]
	done
}

@test "programs and workers are hardened" {
	for file in "$build"/bin/* "$build"/libexec/tidegate/*; do
		[ -x "$file" ] || continue
		echo "$file"
		readelf -h "$file" | grep -q 'Type:.*DYN'            # PIE
		readelf -lW "$file" | grep -q GNU_RELRO
		readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS.*NOW'
		! readelf -lW "$file" | grep -E 'GNU_STACK.*RWE'
	done
}

# A program's function takes the place of a library's that bears its name, in
# the library's own calls, too.
@test "no function of ours bears the name of a library's" {
	nm --defined-only "$build/libtidegate.a" 2>/dev/null |
		awk '$2 == "T" { print $3 }' | sort -u >"$BATS_TEST_TMPDIR/ours"
	for file in "$build"/bin/* "$build"/libexec/tidegate/*; do
		[ -x "$file" ] || continue
		echo "$file"
		is_empty "$(nm -D --defined-only "$file" | awk '$2 == "T" { print $3 }' |
			sort -u | comm -12 - "$BATS_TEST_TMPDIR/ours")" "$file exports"
	done
}
