#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line of the shell system; man 1 package-release has the new one.
PATH="${0%/*}/../../build/cc/bin:$PATH" exec package-release "$@"
