#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --help, man page and completion name the same options and commands.  All
# three lists are read from what a user sees.

load repo

commands_of() {
	"$build/bin/$1" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p'
}

options_in_help() {
	{
		"$build/bin/$1" --help
		for command in $(commands_of "$1"); do
			"$build/bin/$1" "$command" --help
		done
	} | sed -n 's/^  --\([a-z-]*\).*/\1/p' | sort -u
}

options_in_manual() {
	grep -oE 'Fl -[a-z][a-z-]+' "$(manual "$1")" | sed 's/^Fl -//' |
		grep -vx help | sort -u
}

options_in_completion() {
	"$build/bin/$1" completion | grep -oE -- '--[a-z][a-z-]+' | sed 's/^--//' |
		grep -vx help | sort -u
}

same() { # same WHAT FIRST SECOND
	diff <(echo "$2") <(echo "$3") || {
		echo "$1 (< --help, > the other)"
		return 1
	}
}

check() {
	require_program "$1"
	same "options of $1 and its man page" \
		"$(options_in_help "$1")" "$(options_in_manual "$1")"
	same "options of $1 and its completion" \
		"$(options_in_help "$1")" "$(options_in_completion "$1")"
	for command in $(commands_of "$1"); do
		grep -qE "^\.(It|Ss|Ic|Cm).*\<$command\>" "$(manual "$1")" ||
			is_empty "$command" "not in the man page of $1"
	done
}

@test "install-package: --help, man page and completion agree" {
	check install-package
}

@test "check-health: --help, man page and completion agree" {
	check check-health
}

@test "package-release: --help, man page and completion agree" {
	check package-release
}

@test "check-health's man page has each check with the worst that it finds" {
	require_program check-health
	same "checks and their man page" \
		"$("$build/bin/check-health" list | cut -f1,2 | sort)" \
		"$(sed -n 's/^\.It Li \([a-z.]*\) No (\([a-z]*\))$/\1\t\2/p' \
			docs/man/check-health.8 | sort)"
}

@test "the completions are valid bash" {
	for program in $programs; do
		require_program "$program"
		"$build/bin/$program" completion | bash -n
	done
}

@test "the man pages pass mandoc's lint" {
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	mandoc -T lint -W warning docs/man/*.[158]
}
