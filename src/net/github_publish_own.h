/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind github_publish.h share:
 *
 *     github_find.c      releases and tags that are there
 *     github_publish.c   a release made, and published
 *     github_change.c    requests that change something
 *     github_check.c     whether files can become its assets
 *     github_assets.c    its assets: listed, removed, renamed
 *     github_compare.c   whether an asset is a file
 *     github_upload.c    one file under one name
 *     github_replace.c   a file becomes an asset, also in another's place */
#ifndef NET_GITHUB_PUBLISH_OWN_H
#define NET_GITHUB_PUBLISH_OWN_H

#include "net/github_own.h"
#include "net/github_publish.h"

#define GITHUB_SUCCESSOR ".new" /* behind the name of what is replaced */

/* --- github_change.c --- */

/* A request that changes something. */
struct github_change {
	enum http_method method;
	const char *url;
	struct http_upload upload;
	enum http_repetition repetition;
};

/** github_json_body - JSON to send; borrowed from @body. */
struct http_upload github_json_body(const struct buf *body);

/** github_send - send it, with the token.  0 for an answer of any status, or
 * -1 as http_get. */
int github_send(struct github *github, const struct github_change *change,
                struct http_response *response, struct err *err) MUST_CHECK;

/** github_refuse_change - what an answer that refuses a change means; @url:
 * that was asked.  Returns -1. */
int github_refuse_change(const struct github *github,
                         const struct http_response *response, const char *url,
                         struct err *err);

/* --- github_find.c --- */

/** github_take_release - @out becomes @release of an answer.  0, or -1 with
 * ERR_LIMIT, ERR_USAGE, or ERR_NETWORK for uploads to another host. */
int github_take_release(struct github *github,
                        const struct github_release *release,
                        struct github_publication *out,
                        struct err *err) MUST_CHECK;

/** github_find_draft - github_publication_find of drafts alone, without their
 * assets.  1, 0, or -1. */
int github_find_draft(struct github *github, const char *tag,
                      struct github_publication *out,
                      struct err *err) MUST_CHECK;

/* --- github_assets.c --- */

/** github_list_assets - ask anew what the release holds.  0, or -1 with what
 * was known before in place.  What github_find_stored gave is gone on 0. */
int github_list_assets(struct github_publication *publication,
                       struct err *err) MUST_CHECK;

/** github_find_stored - of those that are known, or NULL; borrowed until one is
 * removed. */
struct github_stored *github_find_stored(struct github_publication *publication,
                                         const char *name);

/** github_stored_of - an asset as it is kept, from an answer. */
struct github_stored github_stored_of(const struct github_asset *asset);

/** github_add_stored - note one that is known to be there now.  0, or -1 with
 * ERR_LIMIT. */
int github_add_stored(struct github_publication *publication,
                      const struct github_stored *stored,
                      struct err *err) MUST_CHECK;

/** github_delete_stored - remove one that github_find_stored gave, which is
 * gone on 0; also where GitHub has it no more.  0, or -1 as
 * github_publication_upload. */
int github_delete_stored(struct github_publication *publication,
                         const struct github_stored *stored,
                         struct err *err) MUST_CHECK;

/** github_delete_named - the same by name; 0 also where there is none. */
int github_delete_named(struct github_publication *publication,
                        const char *name, struct err *err) MUST_CHECK;

/** github_rename_stored - give another name to one that github_find_stored
 * gave.  0, or -1 as github_publication_upload. */
int github_rename_stored(struct github_publication *publication,
                         struct github_stored *stored, const char *name,
                         struct err *err) MUST_CHECK;

/* --- github_compare.c --- */

/* What a release has of a name. */
enum github_state {
	GITHUB_ABSENT,
	GITHUB_STARTER, /* a note of an upload that failed, or still runs */
	GITHUB_SAME,
	GITHUB_OTHER
};

/** github_compare - hold what is known of the asset @name against a file; its
 * bytes are fetched where GitHub tells no digest.
 * @out: written only on 0.  0, or -1 as http_download. */
int github_compare(struct github_publication *publication, const char *name,
                   const struct github_file *file, enum github_state *out,
                   struct err *err) MUST_CHECK;

/* --- github_check.c --- */

/** github_check_file - that GitHub takes a file of that name and size.  0, or
 * -1 with ERR_USAGE or ERR_LIMIT. */
int github_check_file(const struct github_file *file,
                      struct err *err) MUST_CHECK;

/** github_check_change - that what is to be done about an asset in @state may
 * be done to this release.  0, or -1 with ERR_CONFLICT. */
int github_check_change(const struct github_publication *publication,
                        const struct github_file *file, enum github_state state,
                        struct err *err) MUST_CHECK;

/* --- github_upload.c --- */

/** github_send_file - upload a file as the asset @name, of which there is none:
 * GITHUB_UPLOAD_TRIES times, and nothing is left of a try that failed.
 * 0, or -1 as github_publication_upload. */
int github_send_file(struct github_publication *publication, const char *name,
                     const struct github_file *file,
                     struct err *err) MUST_CHECK;

#endif
