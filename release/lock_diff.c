/* SPDX-License-Identifier: Apache-2.0 */
/* lock diff: what changed from one lockfile to another. */
#include <stdio.h>
#include <string.h>

#include "lock.h"
#include "say.h"

static void show_digest(const struct packs_lock_pack *pack,
                        char out[OCI_DIGEST_SIZE])
{
	switch (pack->state) {
	case PACKS_LOCK_UNKNOWN:
		(void)snprintf(out, OCI_DIGEST_SIZE, "nothing");
		return;
	case PACKS_LOCK_DRY_RUN:
		if (pack->expected.is_set)
			oci_digest_text(pack->expected.sha256, out);
		else
			(void)snprintf(out, OCI_DIGEST_SIZE, "DRY_RUN");
		return;
	case PACKS_LOCK_PINNED:
		break;
	}
	oci_digest_text(pack->digest, out);
}

static const char *version_of(const struct packs_lock *lock,
                              const struct packs_lock_pack *pack)
{
	return pack->version[0] != '\0' ? pack->version : lock->version;
}

/* "+" or "-": there is only one side. */
static void show_one(const struct request *request, char sign,
                     const struct packs_lock *lock,
                     const struct packs_lock_pack *pack)
{
	char digest[OCI_DIGEST_SIZE];

	show_digest(pack, digest);
	say(request, "%c %s %s %s", sign, pack->name, version_of(lock, pack),
	    digest);
}

/* A dry run that foretold what was then pushed is no difference. */
static bool show_both(const struct request *request,
                      const struct packs_lock *old,
                      const struct packs_lock_pack *was,
                      const struct packs_lock *new,
                      const struct packs_lock_pack *is)
{
	char before[OCI_DIGEST_SIZE];
	char now[OCI_DIGEST_SIZE];

	show_digest(was, before);
	show_digest(is, now);
	if (strcmp(before, now) == 0 && strcmp(was->oci_ref, is->oci_ref) == 0)
		return false;
	say(request, "~ %s %s %s -> %s %s", is->name, version_of(old, was),
	    before, version_of(new, is), now);
	if (strcmp(was->oci_ref, is->oci_ref) != 0)
		say(request, "    from '%s' to '%s'", was->oci_ref,
		    is->oci_ref);
	return true;
}

/* Both are sorted by name. */
static size_t compare(const struct request *request,
                      const struct packs_lock *old,
                      const struct packs_lock *new)
{
	size_t a = 0, b = 0, count = 0;

	while (a < old->pack_count || b < new->pack_count) {
		int order = a == old->pack_count   ? 1
		            : b == new->pack_count ? -1
		                                   : strcmp(old->packs[a].name,
		                                            new->packs[b].name);

		if (order == 0) {
			count += show_both(request, old, &old->packs[a], new,
			                   &new->packs[b]);
			a++;
			b++;
		} else if (order < 0) {
			show_one(request, '-', old, &old->packs[a++]);
			count++;
		} else {
			show_one(request, '+', new, &new->packs[b++]);
			count++;
		}
	}
	return count;
}

int lock_diff(const struct request *request, struct err *err)
{
	AUTO_PACKS_LOCK struct packs_lock old = PACKS_LOCK_NONE;
	AUTO_PACKS_LOCK struct packs_lock new = PACKS_LOCK_NONE;
	size_t count;

	if (lock_read(request->operands[1], &old, err) < 0 ||
	    lock_read(request->operands[2], &new, err) < 0)
		return -1;
	count = compare(request, &old, &new);
	if (count == 0)
		return 0;
	return err_set(err, ERR_FINDINGS, 0, "%zu package%s differ%s", count,
	               count == 1 ? "" : "s", count == 1 ? "s" : "");
}
