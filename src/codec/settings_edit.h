/* SPDX-License-Identifier: Apache-2.0 */
/* Changing identities in the text of an app's configuration, which is the
 * administrator's: all else stays as he wrote it, byte for byte. */
#ifndef CODEC_SETTINGS_EDIT_H
#define CODEC_SETTINGS_EDIT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/settings_identity.h"

/**
 * settings_add_identity - the text with a section [identity NAME] at its end.
 * @identity: its fields that are not "", and max_sequence where it is a limit.
 * @out: appended to.
 *
 * Returns 0, or -1 with ERR_CONFLICT where there is such a section, ERR_USAGE
 * for fields that make no identity, that a line cannot hold, or for a text that
 * is no configuration; or as buf_add.
 */
int settings_add_identity(const char *text, size_t len,
                          const struct settings_identity *identity,
                          struct buf *out, struct err *err) MUST_CHECK;

/**
 * settings_remove_identity - the text without the section [identity NAME]; the
 * comments in it stay.
 * @out: appended to.
 *
 * Returns 0, or -1 with ERR_USAGE where there is no such section or the text is
 * no configuration, or as buf_add.
 */
int settings_remove_identity(const char *text, size_t len, const char *name,
                             struct buf *out, struct err *err) MUST_CHECK;

#endif
