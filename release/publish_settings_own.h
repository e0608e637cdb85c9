/* SPDX-License-Identifier: Apache-2.0 */
/* The making of publish_settings.h, for publish_settings*.c alone:
 *
 *     publish_settings.c           the words, and whose word counts
 *     publish_settings_source.c    what git and CI know: source, version
 *     publish_settings_targets.c   where to
 *     publish_settings_show.c      --print-config */
#ifndef RELEASE_PUBLISH_SETTINGS_OWN_H
#define RELEASE_PUBLISH_SETTINGS_OWN_H

#include "publish_settings.h"

/** publish_word_name - how a word is called where users read it. */
const char *publish_word_name(enum publish_word word);

/**
 * publish_word_set - let a word be @value, which @origin says; that may be the
 * word's own.
 * Returns 0, or -1 with ERR_USAGE for what is not printable, or ERR_SYSTEM.
 */
int publish_word_set(struct publish_settings *settings, enum publish_word word,
                     const char *value, const char *origin,
                     struct err *err) MUST_CHECK;

/**
 * publish_variable - a variable of the environment, else of --env-file.
 * @origin: out, which of the two; NULL: nobody asks.
 * Returns NULL where it is unset or "".
 */
const char *publish_variable(const struct publish_settings *settings,
                             const char *name,
                             char origin[PUBLISH_ORIGIN_TEXT]);

/* The steps of publish_settings_load behind the words, in this order; 0, or -1
 * as it. */

/** publish_settings_ask_git - source, is_dirty, tag; and the version, where
 * nobody gave one. */
int publish_settings_ask_git(struct publish_settings *settings,
                             struct err *err) MUST_CHECK;

/** publish_settings_choose_targets - the targets, and what is_seed and those
 * after it say of them. */
int publish_settings_choose_targets(struct publish_settings *settings,
                                    struct err *err) MUST_CHECK;

#endif
