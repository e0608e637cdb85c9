#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The script of that name, by its variables; docs/publishing.md has the new line.
PATH="${0%/*}/../build/cc/bin:$PATH" exec package-release publish "$@"
