#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load repo

tree() { # a file with one include, below a copy of the check
	mkdir -p "$BATS_TEST_TMPDIR/scripts" "$BATS_TEST_TMPDIR/src" \
		"$BATS_TEST_TMPDIR/host" "$BATS_TEST_TMPDIR/release"
	cp scripts/check-layers "$BATS_TEST_TMPDIR/scripts/"
	mkdir -p "$BATS_TEST_TMPDIR/$(dirname "$1")"
	printf '#include "%s"\n' "$2" >"$BATS_TEST_TMPDIR/$1"
}

@test "each file includes its own folder and lower layers only" {
	scripts/check-layers
}

@test "the check finds what it must not let through" {
	while read -r file include; do
		rm -rf "${BATS_TEST_TMPDIR:?}"/*
		tree "$file" "$include"
		run "$BATS_TEST_TMPDIR/scripts/check-layers"
		echo "$file includes $include: $output"
		[ "$status" -eq 1 ]
	done <<-END
		src/base/a.c codec/name.h
		src/codec/a.c crypto/sha256.h
		src/trust/a.h store/layout.h
		src/trust/a.c sigstore/verify.h
		src/sigstore/a.c trust/judge.h
		src/pack/a.c health/check.h
		src/sigstore/a.c evidence/judge.h
		src/trust/a.c evidence/case.h
		src/evidence/a.c health/check.h
		src/health/a.c install/options.h
		host/install/a.c check/options.h
		host/install/a.c ../check/options.h
		host/unpack/a.c host/verify/verify.h
		release/a.c install/options.h
		host/check/a.h release/options.h
	END
}

@test "the check lets lower layers and the own folder pass" {
	while read -r file include; do
		tree "$file" "$include"
		run "$BATS_TEST_TMPDIR/scripts/check-layers"
		echo "$file includes $include: $output"
		[ "$status" -eq 0 ]
	done <<-END
		src/base/a.c base/err.h
		src/codec/a.c base/err.h
		src/crypto/a.h codec/minisign.h
		src/trust/a.h codec/minisign.h
		src/health/a.c store/layout.h
		src/health/a.c evidence/ask.h
		src/evidence/a.c trust/judge.h
		src/evidence/b.c sigstore/verify.h
		host/install/a.c health/check.h
		host/install/b.c install/options.h
		release/a.c options.h
		release/b.c release/options.h
	END
}
