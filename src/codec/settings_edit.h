/* SPDX-License-Identifier: Apache-2.0 */
/* Changing identities and sources in the text of an app's configuration, which
 * is the administrator's: all else stays as he wrote it, byte for byte. */
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

enum settings_source { SETTINGS_URL, SETTINGS_OCI, SETTINGS_REPO };

/**
 * settings_set_source - the text with one key of [source] set: in place of its
 * commented example, else as the first line of the section, else in a section
 * of its own at the end.
 * @out: appended to; nothing on 0.
 *
 * Returns 1, 0 where the text says so already (a repository in any case), or -1
 * with ERR_CONFLICT where it says something else, ERR_USAGE for a value that is
 * none or a text that is no configuration; or as buf_add.
 */
int settings_set_source(const char *text, size_t len,
                        enum settings_source source, const char *value,
                        struct buf *out, struct err *err) MUST_CHECK;

#endif
