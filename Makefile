# SPDX-License-Identifier: Apache-2.0
# The only Makefile; "make help" lists what it makes.
#
#   CC=clang      another compiler        DEV=1     warnings are errors
#   SAN=1         ASan and UBSan          FAULTS=1  fault points (never installed)
#   V=1           print each command
#   DESTDIR= PREFIX=                      where "make install" puts things

SHELL := /bin/sh
CC ?= cc
PREFIX ?= /usr
DESTDIR ?=
VERSION := 0.1.0

Q := $(if $(V),,@)
say = @$(if $(V),:,echo "  $(1)")

# One build folder per variant, so that variants never mix.
BUILD ?= build/$(notdir $(firstword $(CC)))$(if $(SAN),-san)$(if $(FAULTS),-faults)$(if $(FUZZ),-fuzz)

# --- flags -----------------------------------------------------------------

STANDARD := -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
            -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
            $(if $(DEV),-Werror)

# Compilers differ in what they know: each of these is tried once.
HARDENING := -fstack-protector-strong -fstack-clash-protection \
             -fcf-protection=full -ftrivial-auto-var-init=zero \
             -fzero-call-used-regs=used-gpr -fPIE
HARDENING_LINK := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
                  -Wl,-z,separate-code

try = $(shell printf 'int main(void){return 0;}\n' | \
        $(CC) $(1) -Werror -x c -o /dev/null - 2>/dev/null && echo $(1))
tried = $(foreach flag,$(1),$(call try,$(flag)))

ifeq ($(SAN),)
OPTIMISE := -O2 -D_FORTIFY_SOURCE=$(if $(call try,-O2 -D_FORTIFY_SOURCE=3),3,2)
SANITIZE :=
else
OPTIMISE := -O1 -fno-omit-frame-pointer
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
            $(if $(FUZZ),-fsanitize=fuzzer-no-link)
endif

# Probed once per build folder, not at every call of make.
FLAGS_FILE := $(BUILD)/flags.mk
-include $(FLAGS_FILE)

CFLAGS_ALL = $(STANDARD) -g $(OPTIMISE) $(SANITIZE) $(WARNINGS) \
             $(HARDENING_OK) $(if $(FAULTS),-DFAULTS) $(CFLAGS)
CPPFLAGS_ALL = -Isrc -DTIDEGATE_VERSION='"$(VERSION)"' $(CPPFLAGS)
LDFLAGS_ALL = $(SANITIZE) $(HARDENING_LINK_OK) -Wl,--as-needed -pthread \
              $(LDFLAGS)

# --- what is made ----------------------------------------------------------

LIB := $(BUILD)/libtidegate.a
LIB_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard src/*/*.c))

# Program: folder of its sources and the libraries it may link.  The monitor
# links little on purpose (tests/repo/links.bats runs ldd).
PROGRAMS := install-package check-health package-release
WORKERS := verify-worker unpack-worker fetch-worker probe-worker engine-worker

SRC_install-package := $(wildcard host/install/*.c)
SRC_check-health    := $(wildcard host/check/*.c)
SRC_package-release := $(wildcard release/*.c)
SRC_verify-worker   := $(wildcard host/verify/*.c)
SRC_unpack-worker   := $(wildcard host/unpack/*.c)
SRC_fetch-worker    := $(wildcard host/fetch/*.c)
SRC_probe-worker    := $(wildcard host/probe/*.c)
SRC_engine-worker   := $(wildcard host/engine/*.c)

LIBS_install-package := -lcrypto -lsodium -linih
LIBS_check-health    := -lcrypto -lsodium -linih
LIBS_package-release := -lcrypto -lsodium -linih -ldeflate -ljansson -larchive -llzma \
                        -lz -lcurl -lzstd
LIBS_verify-worker   := -lcrypto -lsodium -linih -ljansson
LIBS_unpack-worker   := -lcrypto -linih -larchive -ldeflate -lzstd
LIBS_fetch-worker    := -lcurl -ljansson -lcrypto -lsodium -linih -llzma
LIBS_probe-worker    := -lcurl
LIBS_engine-worker   := -ljansson
LIBS_test            := -lcrypto -lsodium -linih -ldeflate -ljansson -larchive -llzma \
                        -lz -lcurl -lzstd \
                        -lcmocka

# A folder without sources yet makes no program.
MADE := $(foreach p,$(PROGRAMS) $(WORKERS),$(if $(SRC_$(p)),$(p)))
PROGRAM_BIN := $(addprefix $(BUILD)/bin/,$(filter $(PROGRAMS),$(MADE)))
# Beside bin/ as in an installed tree, so that programs run where they lie.
WORKER_BIN := $(addprefix $(BUILD)/libexec/tidegate/,$(filter $(WORKERS),$(MADE)))

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%.t,$(wildcard tests/unit/test_*.c))
HOSTILE_TESTS := $(patsubst tests/hostile/%.c,$(BUILD)/tests/hostile/%.t,$(wildcard tests/hostile/test_*.c))
NOMEM_TESTS := $(patsubst tests/nomem/%.c,$(BUILD)/tests/nomem/%.t,$(wildcard tests/nomem/test_*.c))
HELPER_BIN := $(patsubst tests/helpers/%.c,$(BUILD)/tests/helpers/%,$(wildcard tests/helpers/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

# Data beside bin/ too, where programs look for it in an installed tree.
PROFILES := $(BUILD)/share/tidegate/profiles

.PHONY: all
all: $(PROGRAM_BIN) $(WORKER_BIN) $(PROFILES)

$(PROFILES):
	@mkdir -p $(@D)
	$(Q)ln -sfn $(abspath profiles) $@

.PHONY: help
help:
	@sed -n 's/^#: //p' Makefile

#: all        programs and workers, in $(BUILD)/bin and $(BUILD)/libexec
#: tests      the test binaries
.PHONY: tests
tests: all $(UNIT_TESTS) $(HOSTILE_TESTS) $(NOMEM_TESTS) $(HELPER_BIN)

$(FLAGS_FILE):
	@mkdir -p $(@D)
	@{ echo 'HARDENING_OK := $(call tried,$(HARDENING))'; \
	   echo 'HARDENING_LINK_OK := $(call tried,$(HARDENING_LINK))'; } >$@

$(BUILD)/obj/%.o: %.c | $(FLAGS_FILE)
	@mkdir -p $(@D)
	$(call say,CC $<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

define program
$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$(SRC_$(notdir $(1)))) $(LIB)
	@mkdir -p $$(@D)
	$$(call say,LD $$@)
	$$(Q)$$(CC) $$(LDFLAGS_ALL) -o $$@ $$^ $$(LIBS_$(notdir $(1)))
endef
$(foreach p,$(PROGRAM_BIN) $(WORKER_BIN),$(eval $(call program,$(p))))

$(BUILD)/tests/%.t: $(BUILD)/obj/tests/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_test)

$(BUILD)/tests/helpers/%: $(BUILD)/obj/tests/helpers/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_test)

# Allocations of ours that fail on demand (tests/nomem/short_memory.h).
NOMEM_LINK := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup,--wrap=strndup,--wrap=free
$(BUILD)/tests/nomem/%.t: $(BUILD)/obj/tests/nomem/%.o $(BUILD)/obj/tests/nomem/short_memory.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(LDFLAGS_ALL) $(NOMEM_LINK) -o $@ $^ $(LIBS_test)

.SECONDARY:
-include $(wildcard $(BUILD)/obj/*/*.d $(BUILD)/obj/*/*/*.d)

# --- checks ----------------------------------------------------------------

JOBS := $(shell nproc)

SUITES ?= unit nomem hostile cli crash repo

#: check      all tests under prove; SUITES= names some
.PHONY: check
check: tests
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host prove --failures --comments -j$(JOBS) -r --ext=.t --ext=.bats \
		$$(ls -d $(SUITES:%=$(BUILD)/tests/%) $(SUITES:%=tests/%) 2>/dev/null)

#: unit       the unit tests alone
.PHONY: unit
unit: $(UNIT_TESTS)
	prove -j$(JOBS) -r --ext=.t $(BUILD)/tests/unit

#: crash      kill install-package at every system call of each operation
.PHONY: crash
crash: all
	for operation in install activate rollback repair renew prune; do \
		TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host \
			tests/crash/sweep $$operation || exit 1; \
	done

#: boot       services under a systemd that boots in a container; needs root
.PHONY: boot
boot: all
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host prove --failures --comments tests/boot/*.bats

#: engine     check-health beside a Docker Engine and a Podman; needs root
.PHONY: engine
engine: all
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host prove --failures --comments tests/engine/*.bats

#: interop    with other people's cosign, oras and @sigstore/verify, fetched first
.PHONY: interop
interop: all $(BUILD)/tests/helpers/oci_push
	scripts/interop-tools
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host prove --failures --comments -r --ext=.bats tests/interop

#: bench      install, verify, fetch, upgrade and check beside what others do
.PHONY: bench
bench: all $(BUILD)/tests/helpers/oci_push
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host tests/bench/install
	TIDEGATE_BUILD=$(abspath $(BUILD)) tests/bench/verify
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host tests/bench/fetch
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host tests/bench/upgrade
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host tests/bench/publish
	TIDEGATE_BUILD=$(abspath $(BUILD)) scripts/on-test-host tests/bench/check

FUZZ_SECONDS ?= 60

#: fuzz       each fuzz target for FUZZ_SECONDS; clang's libFuzzer
.PHONY: fuzz
fuzz:
	$(MAKE) -s FUZZ=1 CC=clang SAN=1 fuzzers
	scripts/fuzz build/clang-san-fuzz/fuzz $(FUZZ_SECONDS)

$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(filter-out -lcmocka,$(LIBS_test))
.PHONY: fuzzers
fuzzers: $(FUZZERS)

#: lint       scripts, layers, man pages, C
.PHONY: lint
lint:
	@scripts/check-layers
	shellcheck -x $$(git ls-files scripts .ci/run tests | xargs grep -lE '^\#!/(bin/sh|usr/bin/env bash)')
	mandoc -T lint -W warning docs/man/*.[158]
	clang-format-14 --dry-run -Werror $$(git ls-files '*.c' '*.h')
	git ls-files 'src/*.c' 'host/*.c' 'release/*.c' | xargs -n 8 -P $(JOBS) \
		sh -c 'clang-tidy --quiet "$$@" -- $(STANDARD) -Isrc \
		-DTIDEGATE_VERSION=\"$(VERSION)\" 2>/dev/null' tidy

#: format     clang-format over all C
.PHONY: format
format:
	clang-format-14 -i $$(git ls-files '*.c' '*.h')

# --- set-up, installing, releasing -----------------------------------------

#: deps       install the Debian packages that building and testing need
.PHONY: deps
deps:
	scripts/deps

# Where Linux distributions expect things, below $(DESTDIR)$(PREFIX).  The
# programs find their workers at ../libexec/tidegate beside themselves.
SBIN := $(filter install-package,$(MADE))
BIN := $(filter check-health package-release,$(MADE))
LIBEXEC := $(filter $(WORKERS),$(MADE))
UNITS := $(wildcard systemd/*.service systemd/*.timer)
APPARMOR := $(wildcard profiles/apparmor/*)

#: install    programs, workers, units, profiles, man pages, completions
.PHONY: install
install: installable all
	$(call put,0755,$(SBIN:%=$(BUILD)/bin/%),sbin)
	$(call put,0755,$(BIN:%=$(BUILD)/bin/%),bin)
	$(call put,0755,$(LIBEXEC:%=$(BUILD)/libexec/tidegate/%),libexec/tidegate)
	$(call put,0644,$(wildcard profiles/*.env),share/tidegate/profiles)
	$(call put,0644,$(UNITS),lib/systemd/system)
	sed -i '/^Exec/s|/usr/|$(PREFIX)/|' $(UNITS:systemd/%=$(DESTDIR)$(PREFIX)/lib/systemd/system/%)
	$(call put,0644,systemd/sysusers.d/tidegate.conf,lib/sysusers.d)
	$(call put,0644,systemd/tmpfiles.d/tidegate.conf,lib/tmpfiles.d)
	$(foreach n,1 5 8,$(call put,0644,$(wildcard docs/man/*.$(n)),share/man/man$(n)))
	$(call put,0644,README.md SECURITY.md CHANGELOG.md $(wildcard docs/*.md),share/doc/tidegate)
	$(call put,0644,LICENSE,share/doc/tidegate)
	$(call put,0644,$(wildcard docs/examples/host/*),share/doc/tidegate/examples)
	$(call put,0644,$(APPARMOR),share/apparmor/extra-profiles)
	sed -Ei 's,/usr/(sbin/install-package|bin/check-health|libexec|share/tidegate),$(PREFIX)/\1,g' $(APPARMOR:profiles/apparmor/%=$(DESTDIR)$(PREFIX)/share/apparmor/extra-profiles/%)
	$(foreach p,$(SBIN) $(BIN),$(call complete,$(p)))

.PHONY: installable
installable:
	$(if $(FAULTS)$(SAN)$(FUZZ),$(error a FAULTS, SAN or FUZZ build is for tests; it is never installed))@:

# Each line ends with a newline, so that $(foreach) makes several commands.
define put
$(if $(strip $(2)),$(Q)install -d $(DESTDIR)$(PREFIX)/$(3)
	$(Q)install -m $(1) $(2) $(DESTDIR)$(PREFIX)/$(3)/
)
endef
define complete
$(Q)install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(Q)$(BUILD)/bin/$(1) completion >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$(1)

endef

DIST ?= dist

# Git's own time of what is released: for the archive, the bundle and its order.
SOURCE_DATE = $(shell git log -1 --format=%ct)
DEBIAN_ARCHITECTURE = $(shell dpkg --print-architecture 2>/dev/null || uname -m)
STAGE = $(BUILD)/dist-tree

#: dist       the source as a reproducible archive in $(DIST); with KEY=FILE also
#:            Tidegate's programs as a signed bundle of its own (PASSWORD_FILE=)
.PHONY: dist
dist: $(if $(KEY),dist-bundle)
	@mkdir -p $(DIST)
	git -c tar.umask=0022 archive --prefix=tidegate-$(VERSION)/ HEAD | gzip -9n >$(DIST)/tidegate-$(VERSION).tar.gz
	cd $(DIST) && sha256sum tidegate-$(VERSION).tar.gz

# Without debugging symbols and the build id, which speak of the folder that the
# compiler ran in.  No AppArmor profiles: they would have to name the release.
.PHONY: dist-bundle
dist-bundle: installable all
	$(Q)rm -rf $(STAGE)
	$(Q)$(MAKE) -s BUILD=$(BUILD) DESTDIR=$(abspath $(STAGE)) PREFIX=/opt/tidegate/current install
	$(Q)rm -r $(STAGE)/opt/tidegate/current/share/apparmor
	$(Q)find $(STAGE) -type f -perm -0100 ! -path '*/share/*' -exec \
		objcopy --strip-all --remove-section=.note.gnu.build-id {} \;
	SOURCE_DATE_EPOCH=$(SOURCE_DATE) $(BUILD)/bin/package-release bundle --app tidegate \
		--version $(VERSION) --platform linux/$(DEBIAN_ARCHITECTURE) --profile prod \
		--payload $(STAGE)/opt/tidegate/current --out $(DIST) --key $(KEY) \
		$(if $(PASSWORD_FILE),--password-file $(PASSWORD_FILE))
	$(Q)rm -rf $(STAGE)

# What the C library says at the link about getaddrinfo and dlopen is known: names
# come from /etc/hosts and DNS, which it has within, and nothing else is loaded.
STATIC_LIBS := -lssl -lcrypto -lsodium -linih -ldeflate -ljansson -llzma -lz -lzstd

#: static     a package-release for any Linux of this architecture, in $(BUILD)/static
.PHONY: static
static: installable $(LIB) $(patsubst %.c,$(BUILD)/obj/%.o,$(SRC_package-release))
	@mkdir -p $(BUILD)/static
	$(Q)CC="$(CC)" scripts/static-curl $(BUILD)/static
	$(call say,LD $(BUILD)/static/package-release)
	$(Q)$(CC) -static-pie $(filter-out -pie,$(LDFLAGS_ALL)) -o $(BUILD)/static/package-release \
		$(filter %.o,$^) $(LIB) -Wl,--start-group $(BUILD)/static/libcurl.a $(STATIC_LIBS) \
		-Wl,--end-group 2>$(BUILD)/static/log || { cat $(BUILD)/static/log; false; }
	$(Q)! grep warning $(BUILD)/static/log | grep -vE 'getaddrinfo|gethostbyname|getpwuid_r|dlopen'
	$(Q)strip $(BUILD)/static/package-release

#: deb        a Debian package, in $(DIST); needs debhelper
.PHONY: deb
deb: installable
	@mkdir -p $(DIST)
	$(Q)MAKEFLAGS= BUILD=$(BUILD) DIST=$(abspath $(DIST)) CC=$(CC) debian/rules binary >$(BUILD).deb.log 2>&1 || { cat $(BUILD).deb.log; false; }
	$(Q)debian/rules clean >/dev/null
	@ls $(DIST)/tidegate_*.deb

#: clean      remove what was built
.PHONY: clean
clean:
	rm -rf build
