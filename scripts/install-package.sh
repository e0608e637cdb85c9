#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line of the shell system; man 8 install-package has the new one.
PATH="${0%/*}/../build/cc/bin:$PATH" exec install-package "$@"
